import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { document, plannedEvents } from "./events.ts";
import { flow } from "./flow.ts";
import { ANOTHER_CHAIN_OF_IDENTITY, CHAIN_OF_IDENTITY, INBOUND_LOGGER, OUTBOUND_LOGGER, participants } from "./parties.ts";

/** Writes the journey folders under `examples/`. The readings are invented; a seed makes them the same every time. */
const START = new Date("2026-03-02T08:00:00Z");
const examples = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "examples");

type Step = Record<string, string>;

interface Leg {
  leg: string;
  device: string;
  fromMinute: number;
  toMinute: number;
  everyMinutes: number;
  temperatureAt: (minute: number, noise: number) => number;
  tiltAt: (minute: number, noise: number) => number | null;
}

const inbound: Leg = {
  leg: "inbound",
  device: INBOUND_LOGGER,
  fromMinute: 900,
  toMinute: 1455,
  everyMinutes: 1,
  temperatureAt: (minute, noise) => 4.6 + Math.sin(minute / 90) * 0.9 + noise * 0.3,
  tiltAt: () => null,
};
const outbound: Leg = {
  leg: "outbound",
  device: OUTBOUND_LOGGER,
  fromMinute: 28_862,
  toMinute: 30_010,
  everyMinutes: 2,
  temperatureAt: (minute, noise) => -176 + Math.sin(minute / 200) * 3 + noise,
  tiltAt: (minute, noise) => (minute >= 29_400 && minute < 29_412 ? 41 : Math.round(4 + noise * 3)),
};
const warm = (minute: number) => (minute >= 1100 && minute < 1125 ? 4 * Math.sin(((minute - 1100) / 25) * Math.PI) : 0);
const inboundExcursion: Leg = {
  ...inbound,
  temperatureAt: (minute, noise) => inbound.temperatureAt(minute, noise) + warm(minute) + (warm(minute) > 0 ? 3 : 0),
};

write("car-t", "CAR-T, fresh apheresis in, cryopreserved product out", [inbound, outbound], "infusion", (step) =>
  step === "pharmacy-verification" ? scan(`&/${CHAIN_OF_IDENTITY}`, step) : undefined,
);
write("excursion", "The collection warms up on its way to the manufacturer", [inboundExcursion], "batch-record-review");
write("mix-up", "Another patient's bag is scanned at the pharmacy", [inbound, outbound], "pharmacy-verification", (step) =>
  step === "pharmacy-verification" ? scan(`&/${ANOTHER_CHAIN_OF_IDENTITY}`, step) : undefined,
);

function scan(raw: string, at: string): Step {
  return { scan: raw, by: "hospital", at };
}

function write(name: string, title: string, legs: Leg[], lastStep: string, scanAfter?: (step: string) => Step | undefined): void {
  const folder = join(examples, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "events"), { recursive: true });
  mkdirSync(join(folder, "readings"), { recursive: true });
  const steps: Step[] = [];
  const last = plannedEvents.findIndex((event) => event.step === lastStep);
  plannedEvents.slice(0, last + 1).forEach((event, index) => {
    const file = `events/${String(index + 1).padStart(2, "0")}-${event.step}.jsonld`;
    if (event.step === "product-packing") steps.push({ release: "certification", by: "qualified-person" });
    if (event.step === "thaw") steps.push({ release: "clearance-to-infuse", by: "qualified-person" });
    writeJson(join(folder, file), document(event, START, index + 1));
    steps.push({ capture: file, by: event.by });
    const leg = legs.find((candidate) => flow.legs.find((known) => known.leg === candidate.leg)?.from === event.step);
    if (leg !== undefined) steps.push({ leg: leg.leg, device: leg.device, readings: `readings/${leg.leg}.csv` });
    const scanned = scanAfter?.(event.step);
    if (scanned !== undefined) steps.push(scanned);
  });
  if (lastStep === "batch-record-review") steps.push({ release: "certification", by: "qualified-person" });
  if (lastStep === "pharmacy-verification") steps.push({ release: "clearance-to-infuse", by: "qualified-person" });
  for (const leg of legs) writeFileSync(join(folder, "readings", `${leg.leg}.csv`), csv(leg));
  writeJson(join(folder, "flow.json"), flow);
  writeJson(join(folder, "journey.json"), {
    name: title,
    participants,
    devices: [INBOUND_LOGGER, OUTBOUND_LOGGER].map((giai) => ({
      giai,
      owner: "courier",
      calibratedFrom: "2026-01-01T00:00:00Z",
      calibratedUntil: "2026-12-31T00:00:00Z",
    })),
    flow: "flow.json",
    coi: CHAIN_OF_IDENTITY,
    steps,
  });
}

function csv(leg: Leg): string {
  const noise = seededNoise(leg.leg.length * 7919);
  const lines = ["time,temperature_celsius,tilt_degrees"];
  for (let minute = leg.fromMinute; minute <= leg.toMinute; minute += leg.everyMinutes) {
    const jitterSeconds = Math.round(noise() * 4);
    const time = new Date(START.getTime() + minute * 60_000 + jitterSeconds * 1000).toISOString().replace(".000Z", "Z");
    const tilt = leg.tiltAt(minute, noise());
    lines.push(`${time},${leg.temperatureAt(minute, noise()).toFixed(2)},${tilt === null ? "" : Math.max(0, tilt)}`);
  }
  return lines.join("\n") + "\n";
}

/** Small linear congruential generator: numbers from −1 to 1, the same on every machine. */
function seededNoise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return (state / 2_147_483_648) * 2 - 1;
  };
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, JSON.stringify(value, null, 2) + "\n");
}
