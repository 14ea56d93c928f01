import { describe, expect, it } from "vitest";
import type { ExceptionLine, JourneyResult } from "../../services/cli/journey/result.ts";
import { COLLECTION, captureAfter, changeEvent, coolReadings, placeOf, play, playAfter, removeStep, setProfile, setReadings, shortJourney, stepOf } from "../support/journey-folders.ts";

/** Every exception of the catalogue that a journey folder can cause, through the command line. */

const CALIBRATED = { calibratedFrom: "2026-01-01T00:00:00Z", calibratedUntil: "2026-12-31T00:00:00Z" };
const BUDGETS = { temperatureBudgetSeconds: 300, tiltLimitDegrees: 30, tiltBudgetSeconds: 300 };

type Brief = Pick<ExceptionLine, "code" | "class" | "leg" | "observed" | "limit">;

function brief(result: JourneyResult): Brief[] {
  const lines = result.exceptions.map(({ code, class: exceptionClass, leg, observed, limit }) => ({ code, class: exceptionClass, leg, observed, limit }));
  return lines.sort((left, right) => (`${left.code} ${left.observed}` < `${right.code} ${right.observed}` ? -1 : 1));
}

function expectReleased(result: JourneyResult): void {
  expect(result.verdict).toBe("released");
  expect(result.releases).toEqual([expect.objectContaining({ gate: "certification", granted: true })]);
  expect(result.proofs.required).toBeGreaterThan(0);
  expect(result.proofs.verified).toBe(result.proofs.required);
  expect(result.verify).toEqual({ verdict: "compliant", exitCode: 0 });
  expect(result.audit).toEqual({ events: result.events.recorded, divergences: [] });
}

function expectHeld(result: JourneyResult): void {
  expect(result.verdict).toBe("held");
  expect(result.releases.filter((release) => release.granted)).toEqual([]);
  expect(result.verify).toEqual({ verdict: "not-compliant", exitCode: 1 });
  expect(result.audit).toEqual({ events: result.events.recorded, divergences: [] });
}

describe("what does not hold a release", () => {
  it("releases within the budgets, with a late entry, a refused document and an event of no journey beside", async () => {
    const draft = shortJourney();
    setProfile(draft, BUDGETS);
    // Two warm readings make three warm minutes; so do two tilted ones.
    setReadings(draft, coolReadings((minute) => (minute === 10 || minute === 11 ? { temperature: 9.5 } : minute === 20 || minute === 21 ? { tilt: 70 } : {})));
    changeEvent(draft, "collection-sampling", { eventTime: "2026-03-02T17:30:00Z" });
    changeEvent(draft, "apheresis-collection", { eventTime: "2026-03-02T17:00:00Z" });
    changeEvent(draft, "patient-identity-check", { eventTime: "2026-03-02T16:30:00Z" });
    changeEvent(draft, "collection-packing", { eventTime: "2026-03-02T18:00:00Z" });
    playAfter(draft, "collection-sampling", "inbound-shipper-assignment");
    captureAfter(draft, "collection-pickup", "no-journey", {
      epcList: ["https://id.gs1.org/01/09506000134352/21/UNKNOWN1"],
      "threadline:chainOfIdentity": "CHA999926000009",
    });
    captureAfter(draft, "collection-delivery", "not-epcis", { bizStep: "apheresis" });
    captureAfter(draft, "collection-delivery", "not-json", {});
    draft.files.set("events/00-not-json.jsonld", "{ no JSON");
    const result = await play(draft);
    expect(brief(result)).toEqual([{ code: "late-entry", class: "minor", leg: null, observed: expect.any(Number), limit: 14_400 }]);
    expect(result.exceptions[0]?.observed).toBeGreaterThan(5 * 3_600);
    expect(result.exceptions[0]?.observed).toBeLessThan(6 * 3_600);
    expect(result.refusals).toEqual([
      { capture: "events/00-not-json.jsonld", reason: expect.stringMatching(/JSON/) },
      { capture: "events/00-not-epcis.jsonld", reason: expect.stringMatching(/bizStep/) },
    ]);
    expect(result.events).toEqual({ captured: 12, recorded: 11 });
    expect(result.latency.excursionToLedgerMs).toBeNull();
    expectReleased(result);
  });

  it("releases with the same device on two legs, each proven", async () => {
    const draft = shortJourney();
    draft.flow.legs.push({ leg: "bench", from: "collection-receipt", to: "receipt-inspection", profile: "apheresis-fresh-cool", shipper: false, goods: "live-cells" });
    draft.flow.gates.forEach((gate) => gate.requiredLegs.push("bench"));
    const later = coolReadings(undefined, 66).slice(46);
    setReadings(draft, later, "readings/bench.csv");
    const leg = stepOf(draft, "inbound");
    draft.description.steps.splice(placeOf(draft, "collection-receipt") + 1, 0, { ...leg, leg: "bench", readings: "readings/bench.csv" } as typeof leg);
    const result = await play(draft);
    expect(result.exceptions).toEqual([]);
    expect(result.readings.received).toBe(40 + later.length);
    expect(result.proofs.required).toBeGreaterThanOrEqual(2);
    expectReleased(result);
  });
});

describe("conditions", () => {
  it("holds after a temperature over budget, a tilt not measured where it is limited, and a gap in the middle", async () => {
    const draft = shortJourney();
    setProfile(draft, { ...BUDGETS, longestGapSeconds: 240 });
    changeEvent(draft, "collection-receipt", { eventTime: "2026-03-02T23:46:00Z" });
    setReadings(
      draft,
      coolReadings((minute) => {
        if (minute >= 15 && minute < 20) return null;
        if (minute >= 5 && minute < 11) return { temperature: -1.5 };
        return minute >= 25 && minute < 31 ? { tilt: null } : {};
      }),
    );
    const result = await play(draft);
    // Known as soon as the budget is passed: the sixth out-of-range minute.
    expect(brief(result)).toEqual([
      { code: "sensor-gap", class: "major", leg: "inbound", observed: 360, limit: 240 },
      { code: "temperature-excursion", class: "critical", leg: "inbound", observed: 360, limit: 300 },
      { code: "tilt-excursion", class: "major", leg: "inbound", observed: 360, limit: 300 },
    ]);
    expect(result.proofs.verified).toBeLessThan(result.proofs.required);
    expect(result.latency.excursionToLedgerMs).toBeGreaterThanOrEqual(0);
    expectHeld(result);
  });

  it("holds when readings begin late, stop early, and a tilt measured goes over its budget", async () => {
    const draft = shortJourney();
    setProfile(draft, { ...BUDGETS, tiltBudgetSeconds: 0, longestGapSeconds: 600 });
    setReadings(draft, coolReadings((minute) => (minute < 12 || minute > 30 ? null : minute === 20 ? { tilt: 31 } : {})));
    const result = await play(draft);
    expect(brief(result)).toEqual([
      { code: "sensor-gap", class: "major", leg: "inbound", observed: 12 * 60, limit: 600 },
      // From minute 30 to the receipt at minute 45.
      { code: "sensor-gap", class: "major", leg: "inbound", observed: 15 * 60, limit: 600 },
      { code: "tilt-excursion", class: "major", leg: "inbound", observed: 60, limit: 0 },
    ]);
    expectHeld(result);
  });
});

describe("devices", () => {
  it("holds when a device nobody enrolled streams", async () => {
    const draft = shortJourney();
    draft.description.devices = draft.description.devices.slice(1);
    const result = await play(draft);
    expect(brief(result)).toEqual([
      { code: "device-not-enrolled", class: "major", leg: "inbound", observed: "9506000134LOG7", limit: "an enrolled device" },
    ]);
    expect(result.readings).toEqual({ received: 0, segments: 0 });
    expectHeld(result);
  });

  it("holds when the calibration ended before the leg; a packing too late and a step before its prerequisite show too", async () => {
    const draft = shortJourney();
    const [logger] = draft.description.devices;
    Object.assign(logger ?? {}, { ...CALIBRATED, calibratedUntil: "2026-03-01T00:00:00Z" });
    changeEvent(draft, "apheresis-collection", { eventTime: "2026-03-02T20:00:00Z" });
    playAfter(draft, "collection-packing", "collection-release");
    changeEvent(draft, "collection-packing", { eventTime: "2026-03-02T23:01:00Z" });
    const result = await play(draft);
    expect(brief(result)).toEqual([
      { code: "device-not-calibrated", class: "major", leg: "inbound", observed: expect.stringMatching(/^2026-03-02T/), limit: expect.stringMatching(/2026-03-01T00:00:00/) },
      { code: "step-out-of-order", class: "major", leg: null, observed: "collection-release", limit: "after collection-packing" },
      { code: "time-limit-exceeded", class: "major", leg: null, observed: 3 * 3_600 + 60, limit: 7_200 },
    ]);
    expectHeld(result);
  });

  it("holds when the calibration lapses in the middle of a leg, and when a stranger accepts far too late", async () => {
    const draft = shortJourney();
    const [logger] = draft.description.devices;
    Object.assign(logger ?? {}, { ...CALIBRATED, calibratedUntil: "2026-03-02T23:20:00Z" });
    changeEvent(draft, "collection-receipt", { eventTime: "2026-03-03T00:20:00Z" });
    changeEvent(draft, "receipt-inspection", { eventTime: "2026-03-03T00:30:00Z" });
    setReadings(draft, coolReadings(undefined, 70));
    Object.assign(stepOf(draft, "collection-receipt"), { by: "qualified-person" });
    const result = await play(draft);
    expect(brief(result)).toEqual([
      { code: "actor-not-authorised", class: "major", leg: null, observed: "qualified-person", limit: "manufacturing-site" },
      { code: "custody-gap", class: "critical", leg: null, observed: 35 * 60, limit: 1_800 },
      // The stranger holds the material: the inspection is by someone without custody.
      { code: "custody-gap", class: "critical", leg: null, observed: "Example Cell Manufacturing", limit: "Qualified Person of Example Cell Manufacturing" },
      { code: "device-not-calibrated", class: "major", leg: "inbound", observed: "2026-03-02T23:21:00.000Z", limit: expect.stringMatching(/2026-03-02T23:20:00/) },
    ]);
    expectHeld(result);
  });
});

describe("custody and identity", () => {
  it("holds after an acceptance that nobody released", async () => {
    const draft = shortJourney();
    removeStep(draft, "collection-delivery");
    const result = await play(draft);
    expect(brief(result)).toEqual([
      { code: "custody-gap", class: "critical", leg: null, observed: "Example Cell Manufacturing", limit: "a hand-over released before" },
      { code: "step-out-of-order", class: "major", leg: null, observed: "collection-receipt", limit: "after collection-delivery" },
    ]);
    expectHeld(result);
  });

  it("holds after labels and an event of another identity, and after a deed of one without the duty", async () => {
    const draft = shortJourney();
    Object.assign(stepOf(draft, "patient-identity-check"), { by: "courier" });
    const scan = (raw: string) => ({ scan: raw, by: "manufacturer", at: "receipt-inspection" });
    const end = placeOf(draft, "receipt-inspection") + 1;
    draft.description.steps.splice(end, 0, scan("&/CHA999926000001"), scan("&/CHA999926000002"), scan("CHA999926000001X"));
    captureAfter(draft, "collection-sampling", "swapped-sampling", { epcList: [COLLECTION], "threadline:chainOfIdentity": "CHA999926000003" });
    const result = await play(draft);
    const mismatch = { code: "identity-mismatch", class: "critical", leg: null };
    expect(brief(result)).toEqual([
      { code: "actor-not-authorised", class: "major", leg: null, observed: "logistics-provider", limit: "apheresis-centre" },
      { ...mismatch, observed: "CHA999926000001X", limit: "a label of this journey" },
      { ...mismatch, observed: "CHA999926000002", limit: "a label of this journey" },
      { ...mismatch, observed: "CHA999926000003", limit: "the Chain of Identity of this journey" },
    ]);
    expect(result.refusals).toEqual([]);
    expect(result.events).toEqual({ captured: 12, recorded: 12 });
    expect(result.proofs.verified).toBe(result.proofs.required);
    expectHeld(result);
  });

  it("holds a flawless journey nobody decided on", async () => {
    const draft = shortJourney();
    removeStep(draft, "certification");
    const result = await play(draft);
    expect(result.exceptions).toEqual([]);
    expect(result.proofs.verified).toBe(result.proofs.required);
    expect(result.releases).toEqual([]);
    expectHeld(result);
  });
});
