import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDeviceKeys, createMessageSigner, keyIdOf } from "../../services/device/index.ts";
import { chainDigest, stateDigest } from "../../services/ledger/digest.ts";
import { createTimeLimitWatch } from "../../services/oracle/journeys/time-limit-watch.ts";
import type { LedgerNetwork } from "../support/ledger-network.ts";
import { startLedgerOracle } from "./ledger-oracle.ts";
import type { LedgerOracle } from "./ledger-oracle.ts";
import { FLOW, bareEvent, newIdentity } from "./support.ts";
import type { Api, TestOracle } from "./support.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;
/** Steps lie in the last hours: the ledger judges them by its own clock. */
const NOW = Math.floor(Date.now() / 1000) - 6 * HOUR;
const iso = (seconds: number) => new Date(seconds * 1000).toISOString();

const flow = {
  ...FLOW,
  name: "shipped",
  steps: FLOW.steps.map((step) => (step.step === "receive" ? { ...step, within: [{ of: "collect", seconds: 4 * HOUR }] } : step)),
  legs: [
    { leg: "inbound", from: "hand-over", to: "accept", profile: "fresh", shipper: true },
    { leg: "kit", from: "hand-over", to: "accept", profile: "fresh", goods: "cool-ancillary" },
  ],
  gates: [{ gate: "release", title: "Release", roles: ["qualified-person"], requiredLegs: ["inbound"] }],
  timeOutOfStorage: [{ limit: "bench-time", out: ["hand-over"], back: ["accept"], seconds: 1800 }],
};

const holdTime = { nominalHoldSeconds: 10 * HOUR, tiltBands: [{ fromDegrees: 0, burnRate: 1 }, { fromDegrees: 60, burnRate: 4 }] };
const LANE = { lane: "clinic-to-factory", title: "Clinic to factory", plannedSeconds: 4 * HOUR, holdTimeMargin: 1.5 };

let ledgerOracle: LedgerOracle;
let network: LedgerNetwork;
let oracle: TestOracle;
let courier: Awaited<ReturnType<TestOracle["participant"]>>;
let clinic: Awaited<ReturnType<TestOracle["participant"]>>;
let quality: Awaited<ReturnType<TestOracle["participant"]>>;

beforeAll(async () => {
  ledgerOracle = await startLedgerOracle();
  ({ network, oracle } = ledgerOracle);
  courier = await oracle.participant("logistics-provider");
  clinic = await oracle.participant("apheresis-centre");
  quality = await oracle.participant("quality-assurance");
  expect((await oracle.operator("POST", "/flows", flow)).status).toBeLessThan(300);
  expect((await oracle.operator("POST", "/lanes", LANE)).status).toBe(201);
  expect((await quality.api("POST", `/lanes/${LANE.lane}/qualifications`, qualification())).status).toBe(201);
}, 120_000);

afterAll(async () => {
  await ledgerOracle?.close();
});

const qualification = (from = NOW - DAY, until = NOW + 30 * DAY) => ({ qualifiedFrom: iso(from), qualifiedUntil: iso(until) });

let shippers = 0;
async function newShipper(qualified = true): Promise<string> {
  shippers += 1;
  const grai = `09506000134352DRY/${shippers}`;
  const { status, body } = await oracle.operator("POST", "/equipment", { grai, owner: courier.gln, model: "Vapour 4", holdTime });
  expect([status, body.grai]).toEqual([201, grai]);
  if (qualified) expect((await quality.api("POST", `/equipment/${encodeURIComponent(grai)}/qualifications`, qualification())).status).toBe(201);
  return grai;
}

async function opened() {
  const coi = newIdentity();
  const { status, body } = await oracle.operator("POST", "/journeys", { chainOfIdentity: coi, flow: { name: flow.name, version: 1 } });
  expect(status).toBe(201);
  const journeyId = body.journeyId as string;
  const record = async (by: Api, step: string, at: number) => {
    const answered = await by("POST", "/events", bareEvent({ eventTime: iso(at), "threadline:chainOfIdentity": coi, "threadline:step": step }));
    expect(answered.status).toBe(201);
  };
  const assign = (grai: string, assignedAt: number, by: Api = oracle.operator, leg = "inbound") =>
    by("POST", `/journeys/${journeyId}/legs/${leg}/shipper`, { grai, lane: LANE.lane, assignedAt: iso(assignedAt) });
  return { journeyId, record, assign };
}

async function settled(): Promise<void> {
  for (;;) {
    const waiting = await oracle.database.selectFrom("ledger_operations").select(["kind", "error", "status"]).where("status", "!=", "recorded").execute();
    const refused = waiting.find(({ status }) => status === "refused");
    if (refused !== undefined) throw new Error(`${refused.kind}: ${refused.error}`);
    if (waiting.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const codesOf = async (journeyId: string) =>
  ((await oracle.operator("GET", `/journeys/${journeyId}/exceptions`)).body.exceptions as { code: string }[]).map(({ code }) => code);
const gateCheck = async (journeyId: string) => {
  const { body } = await oracle.operator("GET", `/journeys/${journeyId}/gates/release/checks`);
  return body.checks.find(({ check }: { check: string }) => check === "equipment");
};

describe("shippers and lanes", () => {
  it("a qualified one goes from the API to the gate, and the read model is the chain's", async () => {
    const grai = await newShipper();
    const { journeyId, record, assign } = await opened();
    await settled();
    expect(await gateCheck(journeyId)).toEqual({ check: "equipment", name: "inbound", status: "pending" });
    expect(await assign(grai, NOW + 600)).toMatchObject({ status: 201, body: { grai, lane: LANE.lane, exceptions: [] } });
    await record(clinic.api, "collect", NOW);
    await record(clinic.api, "hand-over", NOW + 600);
    await record(courier.api, "accept", NOW + 1200);
    await settled();
    expect(await gateCheck(journeyId)).toEqual({ check: "equipment", name: "inbound", status: "compliant" });
    expect((await oracle.operator("GET", `/journeys/${journeyId}/legs/inbound/shipper`)).body.shippers).toEqual([
      { leg: "inbound", grai, lane: LANE.lane, assignedAt: iso(NOW + 600), chargedAt: iso(NOW + 600) },
    ]);
    expect(await oracle.database.selectFrom("chain_shipper_assignments").selectAll().where("journey_id", "=", journeyId).execute()).toMatchObject([{ leg: 0, assigned_at: NOW + 600 }]);
    expect(await stateDigest(oracle.database)).toBe(await chainDigest(network.ledger));
  }, 60_000);

  it("has to be requalified after every use: the next one is recorded, flagged, and holds the gate", async () => {
    const grai = await newShipper();
    const [first, second] = [await opened(), await opened()];
    await first.assign(grai, NOW + 60);
    const again = await second.assign(grai, NOW + 120);
    expect(again.status).toBe(201);
    expect(again.body.exceptions).toEqual([
      expect.objectContaining({ code: "shipper-not-qualified", class: "major", leg: "inbound", at: iso(NOW + 120), observed: grai, limit: expect.stringContaining("has to be requalified") }),
    ]);
    await settled();
    expect(await codesOf(second.journeyId)).toEqual(["shipper-not-qualified"]);
    expect(await codesOf(first.journeyId)).toEqual([]);
    expect(await gateCheck(second.journeyId)).toMatchObject({ status: "not-compliant" });
    const path = `/equipment/${encodeURIComponent(grai)}`;
    const { body } = await oracle.operator("GET", path);
    expect(body).toMatchObject({ ownerGln: courier.gln, holdTime, qualifiedNow: false, requalificationDue: true });
    expect(body.uses).toEqual([
      { journeyId: first.journeyId, leg: "inbound", lane: LANE.lane, assignedAt: iso(NOW + 60), qualified: true },
      { journeyId: second.journeyId, leg: "inbound", lane: LANE.lane, assignedAt: iso(NOW + 120), qualified: false },
    ]);
    expect((await quality.api("POST", `${path}/qualifications`, qualification(NOW + 3600))).status).toBe(201);
    expect((await oracle.operator("GET", path)).body).toMatchObject({ qualifiedNow: true, requalificationDue: false });
  }, 60_000);

  it("flags a later use too, when one that came before it is recorded late", async () => {
    const grai = await newShipper();
    const [early, late] = [await opened(), await opened()];
    expect((await late.assign(grai, NOW + 500)).body.exceptions).toEqual([]);
    expect((await early.assign(grai, NOW + 400)).body.exceptions).toEqual([]);
    await settled();
    expect(await codesOf(late.journeyId)).toEqual(["shipper-not-qualified"]);
    expect(await codesOf(early.journeyId)).toEqual([]);
  }, 60_000);

  it("records a shipper or a lane that nobody registered or qualified, and flags both", async () => {
    const { journeyId } = await opened();
    const unknown = { grai: "09506000134352STRAY", lane: "by-hand", assignedAt: iso(NOW) };
    const { status, body } = await oracle.operator("POST", `/journeys/${journeyId}/legs/inbound/shipper`, unknown);
    expect(status).toBe(201);
    expect(body.exceptions.map(({ code }: { code: string }) => code)).toEqual(["shipper-not-qualified", "lane-not-qualified"]);
    await settled();
    expect((await codesOf(journeyId)).sort()).toEqual(["lane-not-qualified", "shipper-not-qualified"]);
    expect((await oracle.operator("GET", `/journeys/${journeyId}/legs/inbound/shipper`)).body.shippers).toMatchObject([{ grai: null, lane: null }]);
  }, 60_000);

  it("takes the same assignment once", async () => {
    const grai = await newShipper(false);
    const { journeyId, assign } = await opened();
    expect((await assign(grai, NOW)).status).toBe(201);
    expect((await assign(grai, NOW)).status).toBe(200);
    expect(await codesOf(journeyId)).toEqual(["shipper-not-qualified"]);
  });

  it("lets only those assign who act in the journey, own the shipper, or operate the node; a courier qualifies nothing", async () => {
    const grai = await newShipper();
    const stranger = await oracle.participant("logistics-provider");
    const { assign } = await opened();
    expect((await assign(grai, NOW, stranger.api)).status).toBe(404);
    expect((await assign(grai, NOW, courier.api)).status).toBe(201);
    const path = `/equipment/${encodeURIComponent(grai)}/qualifications`;
    expect((await courier.api("POST", path, qualification())).status).toBe(403);
    expect((await courier.api("POST", "/equipment", { grai, owner: courier.gln, model: "x", holdTime })).status).toBe(403);
    const seen = await stranger.api("GET", `/equipment/${encodeURIComponent(grai)}`);
    expect(seen.body.uses).toMatchObject([{ journeyId: null, leg: null }]);
  });

  it("refuses what makes no sense, with what was wrong", async () => {
    const grai = await newShipper();
    const path = `/equipment/${encodeURIComponent(grai)}/qualifications`;
    const body = { grai, owner: courier.gln, model: "Vapour 4", holdTime };
    expect((await oracle.operator("POST", "/equipment", body)).status).toBe(409);
    expect((await oracle.operator("POST", "/lanes", LANE)).status).toBe(409);
    expect((await oracle.operator("POST", "/equipment", { ...body, grai: "09506000134352" })).status).toBe(400);
    expect((await oracle.operator("POST", "/equipment", { ...body, grai: "09506000134353X" })).status).toBe(400);
    expect((await oracle.operator("POST", "/equipment", { ...body, grai: `${grai}9`, owner: "9506000134352" })).status).toBe(404);
    const backwards = { nominalHoldSeconds: 60, tiltBands: [{ fromDegrees: 0, burnRate: 2 }] };
    expect((await oracle.operator("POST", "/equipment", { ...body, grai: `${grai}9`, holdTime: backwards })).status).toBe(400);
    expect((await oracle.operator("POST", path, qualification(NOW, NOW))).status).toBe(400);
    expect((await oracle.operator("POST", "/equipment/09506000134352NONE/qualifications", qualification())).status).toBe(404);
    expect((await oracle.operator("POST", "/lanes/nowhere/qualifications", qualification())).status).toBe(404);
    expect((await oracle.operator("GET", "/lanes/nowhere")).status).toBe(404);
    const { journeyId, assign } = await opened();
    expect((await assign(grai, NOW, oracle.operator, "nowhere")).status).toBe(404);
    const late = { grai, lane: LANE.lane, assignedAt: iso(NOW), chargedAt: iso(NOW + 1) };
    expect((await oracle.operator("POST", `/journeys/${journeyId}/legs/inbound/shipper`, late)).status).toBe(400);
    expect((await oracle.operator("GET", "/lanes")).body.lanes).toMatchObject([{ lane: LANE.lane, qualifiedNow: true, plannedSeconds: LANE.plannedSeconds }]);
    expect((await oracle.operator("GET", "/equipment")).body.equipment.length).toBe(shippers);
  });
});

describe("running clocks", () => {
  const clocks = async (journeyId: string, at: number) => (await oracle.operator("GET", `/journeys/${journeyId}/clocks?at=${encodeURIComponent(iso(at))}`)).body;

  it("shows the limits between steps, running, met and exceeded", async () => {
    const { journeyId, record } = await opened();
    const limit = async (at: number) => (await clocks(journeyId, at)).timeLimits[0];
    expect(await limit(NOW)).toMatchObject({ kind: "within", name: "collect to receive", state: "not-started", startedAt: null });
    await record(clinic.api, "collect", NOW);
    expect(await limit(NOW + HOUR)).toMatchObject({ state: "running", startedAt: iso(NOW), deadline: iso(NOW + 4 * HOUR), remainingSeconds: 3 * HOUR });
    expect(await limit(NOW + 5 * HOUR)).toMatchObject({ state: "exceeded", remainingSeconds: -HOUR, exceededAt: iso(NOW + 4 * HOUR) });
    expect((await oracle.operator("GET", `/journeys/${journeyId}/clocks`)).body.timeLimits[0].state).toBe("exceeded");
  });

  it("raises time out of storage once it adds up to more than the flow allows", async () => {
    const { journeyId, record } = await opened();
    await record(clinic.api, "hand-over", NOW);
    await record(courier.api, "accept", NOW + 1200);
    expect(await codesOf(journeyId)).not.toContain("time-out-of-storage-exceeded");
    await record(clinic.api, "hand-over", NOW + 2000);
    expect((await clocks(journeyId, NOW + 2300)).timeLimits[1]).toMatchObject({ state: "running", elapsedSeconds: 1500, deadline: iso(NOW + 2600) });
    await record(courier.api, "accept", NOW + 2900);
    const { body } = await oracle.operator("GET", `/journeys/${journeyId}/exceptions`);
    const found = body.exceptions.filter(({ code }: { code: string }) => code === "time-out-of-storage-exceeded");
    expect(found).toEqual([expect.objectContaining({ class: "major", observed: 2100, limit: 1800, unit: "seconds", at: iso(NOW + 2600) })]);
    await record(courier.api, "accept", NOW + 3000);
    expect((await codesOf(journeyId)).filter((code) => code === "time-out-of-storage-exceeded")).toHaveLength(1);
  });

  it("raises it by the clock alone for what is not put back, but not for what is entered late", async () => {
    const watch = createTimeLimitWatch({ sweepMilliseconds: 3_600_000 }, { database: oracle.database, logger: pino({ level: "silent" }), onOperation: () => undefined });
    const [live, playedBack] = [await opened(), await opened()];
    const present = Math.floor(Date.now() / 1000);
    await live.record(clinic.api, "hand-over", present);
    await playedBack.record(clinic.api, "hand-over", present - 3 * DAY);
    await watch.sweep((present + 1800) * 1000);
    expect(await codesOf(live.journeyId)).not.toContain("time-out-of-storage-exceeded");
    expect(await watch.sweep((present + 1801) * 1000)).toBeGreaterThanOrEqual(1);
    expect(await watch.sweep((present + 9999) * 1000)).toBe(0);
    expect(await codesOf(live.journeyId)).toContain("time-out-of-storage-exceeded");
    expect(await codesOf(playedBack.journeyId)).not.toContain("time-out-of-storage-exceeded");
    await watch.close();
  });

  it("counts hold time down by the logger's tilt", async () => {
    const grai = await newShipper();
    const { journeyId, assign, record } = await opened();
    await assign(grai, NOW);
    await record(clinic.api, "hand-over", NOW);
    await readings(journeyId, 0, [[0, -150, 0], [HOUR, -150, 0], [2 * HOUR, -150, 90], [2.5 * HOUR, -150, 90]]);
    const [clock] = (await clocks(journeyId, NOW + 3 * HOUR)).holdTimes;
    expect(clock).toMatchObject({ leg: "inbound", grai, lane: LANE.lane, burnRate: 4, burntSeconds: 9 * HOUR, remainingSeconds: HOUR, neededSeconds: 3 * HOUR, state: "low" });
    expect(clock).toMatchObject({ endsAt: iso(NOW + 3.25 * HOUR), lastReadingAt: iso(NOW + 2.5 * HOUR) });
    expect((await clocks(journeyId, NOW + 3.25 * HOUR)).holdTimes).toMatchObject([{ state: "exhausted", remainingSeconds: 0 }]);
    expect((await clocks(journeyId, NOW + HOUR)).holdTimes).toMatchObject([{ state: "running", remainingSeconds: 9 * HOUR }]);
    await record(courier.api, "accept", NOW + HOUR);
    expect((await clocks(journeyId, NOW + 3 * HOUR)).holdTimes).toMatchObject([{ state: "ended", remainingSeconds: 9 * HOUR }]);
  });
});

describe("mean kinetic temperature", () => {
  const mean = (journeyId: string, leg: string) => oracle.operator("GET", `/journeys/${journeyId}/legs/${leg}/mean-kinetic-temperature`);

  it("is answered for ancillary goods", async () => {
    const { journeyId } = await opened();
    await readings(journeyId, 1, [[0, 5, null], [HOUR, 5, null], [2 * HOUR, 25, null]]);
    const { status, body } = await mean(journeyId, "kit");
    expect([status, body.goods, body.readings]).toEqual([200, "cool-ancillary", 3]);
    expect(body.meanKineticTemperatureCelsius).toBeCloseTo(16.925, 2);
    expect(body).toMatchObject({ from: iso(NOW), to: iso(NOW + 2 * HOUR) });
  });

  it("is refused for cells with the reason, and without readings", async () => {
    const { journeyId } = await opened();
    await readings(journeyId, 0, [[0, 5, null]]);
    const refused = await mean(journeyId, "inbound");
    expect([refused.status, refused.body.type]).toEqual([409, "urn:threadline:problem:mean-kinetic-temperature-refused"]);
    expect(refused.body.detail).toContain("no argument for live-cells");
    expect(await mean(journeyId, "kit")).toMatchObject({ status: 409, body: { type: "urn:threadline:problem:readings-missing" } });
    expect((await mean(journeyId, "nowhere")).status).toBe(404);
  });
});

const keys = createDeviceKeys(new Uint8Array(32).fill(5));
let sequence = 0;

/** Stores readings as the bridge does, in a message signed by a logger: seconds after NOW, degrees Celsius, tilt. */
async function readings(journeyId: string, leg: number, rows: [number, number, number | null][]): Promise<void> {
  sequence += 1;
  const giai = "9506000134LOG7";
  const wire = rows.map(([after, temperatureCelsius, tiltDegrees]) => ({ time: iso(NOW + after), temperatureCelsius, tiltDegrees }));
  const body = await createMessageSigner(keys.messageKey, keyIdOf(giai, 1)).sign({ type: "readings", giai, keyEpoch: 1, sequence, readings: wire });
  const first_time = NOW + (rows[0]?.[0] ?? 0);
  const last_time = NOW + (rows.at(-1)?.[0] ?? 0);
  const row = { giai, key_epoch: 1, sequence, kind: "readings" as const, journey_id: journeyId, leg, first_time, last_time, reading_count: rows.length };
  await oracle.database.insertInto("telemetry_messages").values({ ...row, body, received_at_milliseconds: Date.now() }).execute();
}
