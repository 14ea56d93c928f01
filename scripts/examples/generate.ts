import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { document, plannedEvents } from "./events.ts";
import { flow, ownKeyFlow } from "./flow.ts";
import { batchEntries, controlRecipe, recipe, results, specification } from "./batch.ts";
import {
  ANOTHER_CHAIN_OF_IDENTITY,
  BATCH,
  CHAIN_OF_IDENTITY,
  DRY_SHIPPER_GRAI,
  INBOUND_LOGGER,
  LABORATORY_KEY,
  OUTBOUND_LOGGER,
  PATIENT,
  castWithOwnKeys,
  glnOf,
  participants,
} from "./parties.ts";

/** Writes the journey folders under `examples/`. The readings are invented; a seed makes them the same every time. */
const START = new Date("2026-03-02T08:00:00Z");
const examples = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "examples");

type Act = Record<string, unknown>;

interface Leg {
  leg: string;
  device: string;
  fromMinute: number;
  toMinute: number;
  everyMinutes: number;
  temperatureAt: (minute: number, noise: number) => number;
  tiltAt: (minute: number, noise: number) => number | null;
  isMissingAt?: (minute: number) => boolean;
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

/** The shipper lies upside down for fourteen hours; cold as it still is, its hold time is gone. */
const outboundTilted: Leg = {
  ...outbound,
  tiltAt: (minute, noise) => (minute >= 29_060 && minute < 29_900 ? 172 : Math.round(4 + noise * 3)),
};
const missingHours = (minute: number) => minute >= 1_080 && minute < 1_260;
const inboundGap: Leg = { ...inbound, isMissingAt: missingHours };

const at = (minute: number) => new Date(START.getTime() + minute * 60_000).toISOString();
const scan = (by: string, step: string, coi = CHAIN_OF_IDENTITY): Act => ({ scan: `&/${coi}`, by, at: step });
const bedsideScan = (by: string, coi = CHAIN_OF_IDENTITY): Act => ({ ...scan(by, "pharmacy-verification", coi), patient: PATIENT });
const laboratory = (file: string, minute: number): Act => ({ laboratory: LABORATORY_KEY, results: file, by: "laboratory", at: at(minute) });
const release = (gate: string, by = "qualified-person"): Act => ({ release: gate, by });
const request = (by: string, path: string, body: Record<string, unknown>, more: Act = {}): Act => ({ request: `/journeys/{journeyId}${path}`, by, body, ...more });

/** A quality desk's way from detection to acceptance: one person reviews and proposes, another approves. */
function accepted(code: string, justification: string): Act[] {
  const to = (by: string, stage: string, reason: string) => request(by, `/exceptions/{exception:${code}}/transitions`, { to: stage, reason });
  return [
    to("quality", "classified", "Class of the catalogue confirmed by quality assurance."),
    to("quality", "under-assessment", "Assessment opened with the parties concerned."),
    to("quality", "acceptance-proposed", justification),
    to("qualified-person", "accepted", "Assessment reviewed; the justification holds for this patient's batch."),
  ];
}

const BATCH_RECORD: Act[] = [
  request("manufacturer", "/control-recipe", controlRecipe),
  request("manufacturer", "/batch-record/entries", { batch: BATCH, entries: batchEntries(START) }, { at: at(13_995) }),
];

/** What happens beside the events of the flow, by the step it follows. */
const PLAN: Record<string, Act[]> = {
  "receipt-inspection": [scan("manufacturer", "receipt-inspection")],
  manufacture: BATCH_RECORD,
  "product-labelling": [scan("manufacturer", "product-labelling")],
  "quality-control-tests": [laboratory("results/final.json", 27_100)],
  "batch-record-review": [release("certification"), release("release-for-shipment")],
  "pharmacy-verification": [bedsideScan("pharmacist"), bedsideScan("nurse"), release("clearance-to-infuse")],
};

const GOOD_RESULTS = { "results/final.json": results() };

write({
  name: "car-t",
  title: "CAR-T, fresh apheresis in, cryopreserved product out",
  cast: castWithOwnKeys,
  flow: ownKeyFlow,
  legs: [inbound, outbound],
  lastStep: "infusion",
  plan: { ...PLAN, "batch-record-review": [release("certification", "certifier"), release("release-for-shipment")] },
  results: GOOD_RESULTS,
  expected: {
    verdict: "released",
    exceptions: [],
    gates: [["certification", "released"], ["release-for-shipment", "released"], ["clearance-to-infuse", "released"]],
    verifyExitCode: 0,
  },
});

write({
  name: "excursion",
  title: "The collection warms up on its way to the manufacturer",
  legs: [inboundExcursion],
  lastStep: "batch-record-review",
  plan: { ...PLAN, "batch-record-review": [release("certification")] },
  results: GOOD_RESULTS,
  expected: {
    verdict: "held",
    exceptions: [{ code: "temperature-excursion", class: "critical", leg: "inbound", stage: "detected" }],
    gates: [["certification", "refused"]],
    verifyExitCode: 1,
  },
});

write({
  name: "mix-up",
  title: "Another patient's bag is scanned at the bedside",
  legs: [inbound, outbound],
  lastStep: "pharmacy-verification",
  plan: { ...PLAN, "pharmacy-verification": [bedsideScan("pharmacist", ANOTHER_CHAIN_OF_IDENTITY), release("clearance-to-infuse")] },
  results: GOOD_RESULTS,
  expected: {
    verdict: "held",
    exceptions: [{ code: "identity-mismatch", class: "critical", leg: null, stage: "detected" }],
    gates: [["certification", "released"], ["release-for-shipment", "released"], ["clearance-to-infuse", "refused"]],
    verifyExitCode: 1,
  },
});

write({
  name: "cold-chain-accepted",
  title: "The collection warms up; quality assurance accepts it with a justification, and the batch goes on",
  legs: [inboundExcursion, outbound],
  lastStep: "infusion",
  plan: {
    ...PLAN,
    "batch-record-review": [
      release("certification"),
      ...accepted("temperature-excursion", "Twenty-five minutes at up to 12 degrees Celsius; viability at receipt and release results show no harm."),
      { accept: "inbound", exception: "temperature-excursion", by: "qualified-person" },
      release("certification"),
      release("release-for-shipment"),
    ],
  },
  results: GOOD_RESULTS,
  expected: {
    verdict: "released",
    exceptions: [{ code: "temperature-excursion", class: "critical", leg: "inbound", stage: "accepted" }],
    gates: [["certification", "refused"], ["certification", "released"], ["release-for-shipment", "released"], ["clearance-to-infuse", "released"]],
    verifyExitCode: 0,
  },
});

write({
  name: "missing-logger-hours",
  title: "Three hours of the collection's journey were not measured",
  legs: [inboundGap],
  lastStep: "batch-record-review",
  plan: { ...PLAN, "batch-record-review": [release("certification")] },
  results: GOOD_RESULTS,
  expected: {
    verdict: "held",
    exceptions: [{ code: "sensor-gap", class: "major", leg: "inbound", stage: "detected" }],
    gates: [["certification", "refused"]],
    verifyExitCode: 1,
  },
});

const exceptionalRelease = (by: string, step: string, reason: string, more: Act = {}) => request(by, `/exceptional-release/${step}`, { reason }, more);

write({
  name: "out-of-specification",
  title: "Viability is out of specification; the physician asks for the batch, and it is released exceptionally",
  legs: [inbound, outbound],
  lastStep: "infusion",
  plan: {
    ...PLAN,
    "batch-record-review": [
      release("certification"),
      exceptionalRelease("hospital", "request", "No other treatment is left for this patient; the physician asks for the batch in writing."),
      exceptionalRelease("manufacturer", "risk-evaluation", "Viability of 64.0 % against 70.0 %: dose is reached by volume, no other risk found."),
      exceptionalRelease("hospital", "confirmation", "Physician has read the risk evaluation and confirms the request."),
      ...accepted("out-of-specification", "Covered by the physician's confirmed request and the risk evaluation; the batch is not certified."),
      request("qualified-person", "/dispositions", { decision: "oos-exceptional-release", reason: "Exceptional release under EU GMP Part IV, section 11.5." }),
      exceptionalRelease("manufacturer", "authority-notification", "Notification package sent to the authority."),
      exceptionalRelease("regulator", "authority-acknowledgement", "Notification received by the authority."),
      release("release-for-shipment"),
    ],
  },
  results: { "results/final.json": results("final", { viabilityPercent: { value: "64.0" } }) },
  expected: {
    verdict: "released",
    exceptions: [{ code: "out-of-specification", class: "critical", leg: null, stage: "accepted" }],
    gates: [["certification", "refused"], ["release-for-shipment", "released"], ["clearance-to-infuse", "released"]],
    verifyExitCode: 0,
  },
});

write({
  name: "late-sterility",
  title: "Sterility turns positive after the first stage of the release, while the product is under way",
  legs: [inbound, outbound],
  lastStep: "pharmacy-verification",
  plan: {
    ...PLAN,
    "quality-control-tests": [laboratory("results/first-stage.json", 27_100)],
    "pharmacy-verification": [
      bedsideScan("pharmacist"),
      bedsideScan("nurse"),
      laboratory("results/final.json", 30_050),
      request("hospital", "/recall/acknowledgements", { recalls: 1 }),
      release("clearance-to-infuse"),
    ],
  },
  results: {
    "results/first-stage.json": results("first", { sterility: null }),
    "results/final.json": results("final", { sterility: { qualifier: "positive" } }),
  },
  expected: {
    verdict: "held",
    exceptions: [{ code: "positive-late-result", class: "critical", leg: null, stage: "detected" }],
    gates: [["certification", "released"], ["release-for-shipment", "released"], ["clearance-to-infuse", "refused"]],
    verifyExitCode: 1,
  },
});

const LANE = "manufacturer-to-hospital";
const QUALIFIED = { qualifiedFrom: "2026-02-01T00:00:00Z", qualifiedUntil: "2026-06-01T00:00:00Z" };
const setUp = (path: string, body: Record<string, unknown>): Act => ({ request: path, by: "operator", body });

write({
  name: "tilted-shipper",
  title: "The dry shipper lay upside down until its hold time was gone",
  flow: {
    ...flow,
    name: "autologous-car-t-by-hold-time",
    version: 1,
    profiles: flow.profiles.map((profile) => ({ ...profile, tiltLimitDegrees: null, tiltBudgetSeconds: 0 })),
    legs: flow.legs.map((leg) => (leg.leg === "outbound" ? { ...leg, shipper: true } : leg)),
  },
  setup: [
    setUp("/equipment", {
      grai: DRY_SHIPPER_GRAI,
      model: "Example vapour shipper",
      owner: glnOf("courier"),
      holdTime: {
        nominalHoldSeconds: 864_000,
        tiltBands: [
          { fromDegrees: 0, burnRate: 1 },
          { fromDegrees: 60, burnRate: 6 },
          { fromDegrees: 120, burnRate: 20 },
        ],
      },
    }),
    setUp(`/equipment/${DRY_SHIPPER_GRAI}/qualifications`, QUALIFIED),
    setUp("/lanes", { lane: LANE, title: "Manufacturer to hospital by road and air", plannedSeconds: 86_400, holdTimeMargin: 1.5 }),
    setUp(`/lanes/${LANE}/qualifications`, QUALIFIED),
  ],
  legs: [inbound, outboundTilted],
  lastStep: "pharmacy-verification",
  plan: {
    ...PLAN,
    "product-packing": [
      request("courier", "/legs/outbound/shipper", { grai: DRY_SHIPPER_GRAI, lane: LANE, assignedAt: at(28_810), chargedAt: at(28_700) }, { at: at(28_810) }),
    ],
  },
  results: GOOD_RESULTS,
  expected: {
    verdict: "held",
    exceptions: [
      { code: "hold-time-low", class: "minor", leg: "outbound", stage: "detected" },
      { code: "hold-time-exhausted", class: "critical", leg: "outbound", stage: "detected" },
    ],
    gates: [["certification", "released"], ["release-for-shipment", "released"], ["clearance-to-infuse", "refused"]],
    verifyExitCode: 1,
  },
});

interface Story {
  name: string;
  title: string;
  /** Others take part than in the examples' common cast, or with keys of their own. */
  cast?: unknown[];
  /** Another flow than the examples' common one. */
  flow?: typeof flow;
  /** Requests beside those that register recipe and specification. */
  setup?: Act[];
  legs: Leg[];
  /** The last event captured. */
  lastStep: string;
  plan: Record<string, Act[]>;
  /** Laboratory results by file name. */
  results: Record<string, unknown>;
  expected: Record<string, unknown>;
}

function write({ name, title, flow: followed = flow, cast = participants, setup = [], legs, lastStep, plan, results: files, expected }: Story): void {
  const folder = join(examples, name);
  rmSync(folder, { recursive: true, force: true });
  for (const part of ["events", "readings", "results"]) mkdirSync(join(folder, part), { recursive: true });
  const steps: Act[] = [];
  const last = plannedEvents.findIndex((event) => event.step === lastStep);
  plannedEvents.slice(0, last + 1).forEach((event, index) => {
    const file = `events/${String(index + 1).padStart(2, "0")}-${event.step}.jsonld`;
    writeJson(join(folder, file), document(event, START, index + 1));
    steps.push({ capture: file, by: event.by });
    const leg = legs.find((candidate) => followed.legs.find((known) => known.leg === candidate.leg)?.from === event.step);
    if (leg !== undefined) steps.push({ leg: leg.leg, device: leg.device, readings: `readings/${leg.leg}.csv` });
    steps.push(...(plan[event.step] ?? []));
  });
  for (const leg of legs) writeFileSync(join(folder, "readings", `${leg.leg}.csv`), csv(leg));
  for (const [file, content] of Object.entries(files)) writeJson(join(folder, file), content);
  writeJson(join(folder, "flow.json"), followed);
  writeJson(join(folder, "expected.json"), expected);
  const enrolled = (owner: string) => (giai: string) => ({
    giai,
    owner,
    calibratedFrom: "2026-01-01T00:00:00Z",
    calibratedUntil: "2026-12-31T00:00:00Z",
  });
  writeJson(join(folder, "journey.json"), {
    name: title,
    participants: cast,
    devices: [...[INBOUND_LOGGER, OUTBOUND_LOGGER].map(enrolled("courier")), enrolled("laboratory")(LABORATORY_KEY)],
    setup: [
      { request: "/recipes", by: "manufacturer", body: recipe },
      { request: "/specifications", by: "manufacturer", body: specification },
      ...setup,
    ],
    flow: "flow.json",
    coi: CHAIN_OF_IDENTITY,
    patient: { by: "hospital", ...PATIENT },
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
    const temperature = leg.temperatureAt(minute, noise()).toFixed(2);
    if (leg.isMissingAt?.(minute) === true) continue;
    lines.push(`${time},${temperature},${tilt === null ? "" : Math.max(0, tilt)}`);
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
