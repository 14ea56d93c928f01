import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { constraintsOf } from "./constraints-of.ts";
import { directoriesOf, readManifest } from "./manifest.ts";

const DOMAIN = 2 ** 14;
/** The Poseidon chain takes 15 more elements of 7 readings per hash, so costs are exactly linear over 105 readings. */
const PERIOD = 105;

/** Per-reading parts, as templates over `readings`; each replaces the part of the same `instead`. */
const ALTERNATIVES = [
  { name: "step of 8 bits in ticks, two overlapping intervals (chosen)", instead: "step", body: gaps() },
  { name: "step of 8 bits, two range checks", instead: "step", body: steps(8) },
  { name: "step of 12 bits in seconds, two range checks", instead: "step", body: steps(12) },
  { name: "step of 16 bits in seconds, two range checks", instead: "step", body: steps(16) },
  { name: "slot of the cadence with a validity bit, at most 2 missing in a row", instead: "step", body: slots() },
  { name: "tilt of 8 bits, 0..180 and not measured (chosen)", instead: "tilt", body: tilts(8) },
  { name: "tilt of 7 bits, saturating at 126", instead: "tilt", body: tilts(7) },
] as const;

function gaps(): string {
  return "signal input limit; signal input step[readings]; signal input high[readings]; component c = LongestGap(readings); c.longestGapTicks <== limit; c.stepTicks <== step; c.stepIsHigh <== high;";
}

function steps(bits: number): string {
  return `signal input limit; signal input step[readings]; component range[readings]; component within[readings];
    for (var i = 0; i < readings; i++) { range[i] = AssertBits(${bits}); range[i].value <== step[i]; within[i] = AssertAtMost(${bits}); within[i].left <== step[i]; within[i].right <== limit; }`;
}

function slots(): string {
  return `signal input valid[readings]; component bit[readings]; signal pair[readings];
    for (var i = 0; i < readings; i++) { bit[i] = AssertBit(); bit[i].value <== valid[i]; }
    for (var i = 1; i < readings; i++) { pair[i] <== (1 - valid[i]) * (1 - valid[i - 1]); }
    pair[0] <== 1 - valid[0];
    for (var i = 2; i < readings; i++) { pair[i] * (1 - valid[i - 2]) === 0; }`;
}

function tilts(bits: number): string {
  return `signal input limit; signal input tilt[readings]; signal output out[readings]; component range[readings]; component beyond[readings];
    for (var i = 0; i < readings; i++) { range[i] = AssertBits(${bits}); range[i].value <== tilt[i]; beyond[i] = WindowedLessThan(${bits}); beyond[i].left <== limit; beyond[i].right <== tilt[i]; out[i] <== beyond[i].out; }`;
}

/** Constraints = fixed + perReading · readings of the statement, and what the alternatives that were weighed would cost. */
export async function measureConditionSegment(root: string, directory: string) {
  const { circuitsDirectory } = directoriesOf(root);
  const manifest = readManifest(root)["condition-segment"];
  if (manifest === undefined) throw new Error("circuits.json has no condition-segment");
  const readings = manifest.parameters.readings ?? 0;
  const entry = await readFile(join(circuitsDirectory, manifest.file), "utf8");
  const sized = (size: number): string => entry.replace('"statements/', '"../../../circuits/statements/').replace(/ConditionSegment\(\d+\)/, `ConditionSegment(${size})`);

  const total = await constraintsOf("full", sized(readings), directory);
  const smaller = await constraintsOf("smaller", sized(readings - PERIOD), directory);
  const perReading = (total - smaller) / PERIOD;
  const fixed = total - perReading * readings;
  // snarkjs adds a row for each public signal and one for the constant.
  const room = DOMAIN - manifest.publicSignals.length - 1;

  const costs: { name: string; instead: string; perReading: number; fixed: number }[] = [];
  for (const [index, { name, instead, body }] of ALTERNATIVES.entries()) {
    const source = (size: number): string =>
      `pragma circom 2.1.6;\ninclude "../../../circuits/lib/longest-gap.circom";\ntemplate Part(readings) { ${body} }\ncomponent main = Part(${size});\n`;
    const [few, many] = [await constraintsOf(`part-${index}-few`, source(10), directory), await constraintsOf(`part-${index}-many`, source(20), directory)];
    costs.push({ name, instead, perReading: (many - few) / 10, fixed: few - (many - few) });
  }
  const alternatives = costs.map((cost) => {
    const chosen = costs.find((other) => other.instead === cost.instead);
    const withIt = { perReading: perReading + cost.perReading - (chosen?.perReading ?? 0), fixed: fixed + cost.fixed - (chosen?.fixed ?? 0) };
    return { ...cost, readingsThatFit: Math.floor((room - withIt.fixed) / withIt.perReading) };
  });
  return { domain: DOMAIN, readings, constraints: total, fixed: Math.round(fixed), perReading, alternatives };
}
