import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatCoiIdentifier } from "../../../services/model/identity/index.ts";
import { CONTEXT, newIdentity, openJourney, startOracle } from "../support.ts";
import type { TestOracle } from "../support.ts";

let oracle: TestOracle;
let hospital: Awaited<ReturnType<TestOracle["participant"]>>;
let maker: Awaited<ReturnType<TestOracle["participant"]>>;
let auditor: Awaited<ReturnType<TestOracle["participant"]>>;
beforeAll(async () => {
  oracle = await startOracle();
  hospital = await oracle.participant("treatment-centre", "apheresis-centre");
  maker = await oracle.participant("manufacturing-site");
  auditor = await oracle.participant("auditor");
});
afterAll(() => oracle.close());

let materials = 0;
const VECTOR = { entryId: "vector", at: "2026-03-05T10:00:00Z", type: "material-used", phase: "transduction", material: "vector", lot: "VEC 7", gtin: "09506000134406", expiresAt: "2027-01-01T00:00:00Z" };
const VECTOR_NODE = "https://id.gs1.org/01/09506000134406/10/VEC%207";

const time = (hour: number) => ({ "@context": CONTEXT, eventTime: `2026-03-0${1 + Math.floor(hour / 24)}T${String(hour % 24).padStart(2, "0")}:00:00.000Z`, eventTimeZoneOffset: "+00:00" });

/** Collected, transformed with a lot of vector, packed into a cassette and a shipper, given. */
async function therapy(din: string) {
  const { coi, journeyId } = await openJourney(oracle, { donationIdentificationNumbers: [din] });
  const number = (materials += 1);
  const bag = `https://id.gs1.org/01/09506000134352/21/G${number}`;
  const product = `https://id.gs1.org/01/09506000134383/21/G${number}`;
  const cassette = `https://id.gs1.org/01/09506000134390/21/G${number}`;
  const batch = `https://id.example.org/transformation/G-${number}`;
  const target = { "threadline:chainOfIdentity": coi };
  const send = async (by: typeof hospital, event: object) => {
    const { status, body } = await by.api("POST", "/events", { ...event, ...target });
    expect([status, body]).toEqual([201, expect.anything()]);
  };
  await send(hospital, { type: "ObjectEvent", ...time(9), epcList: [bag], action: "ADD", bizStep: "commissioning" });
  await send(maker, { type: "TransformationEvent", ...time(30), inputEPCList: [bag], transformationID: batch });
  await send(maker, { type: "TransformationEvent", ...time(40), outputEPCList: [product], transformationID: batch });
  expect((await maker.api("POST", `/journeys/${journeyId}/batch-record/entries`, { batch, entries: [VECTOR] })).status).toBe(201);
  const packing = { type: "AggregationEvent", action: "ADD", bizStep: "packing" };
  await send(maker, { ...packing, ...time(50), parentID: cassette, childEPCs: [product] });
  await send(maker, { ...packing, ...time(51), parentID: "https://id.gs1.org/8003/09506000134376S1", childEPCs: [cassette] });
  await send(hospital, { type: "ObjectEvent", ...time(60), epcList: [product], action: "OBSERVE", bizStep: "dispensing" });
  return { coi, journeyId, bag, product, cassette, batch, din };
}

const ask = async (by: { api: TestOracle["operator"] }, of: string, direction: string) =>
  (await by.api("GET", `/genealogy?of=${encodeURIComponent(of)}&direction=${direction}`)).body;

describe("GET /genealogy", () => {
  it("goes from donor to patient, from patient to donor, and from a raw material to its batches", async () => {
    const [first, second] = [await therapy("G123417000011"), await therapy("G123417000012")];
    const forward = await ask(auditor, first.din, "forward");
    expect(forward).toMatchObject({ patients: [first.coi], batches: [first.batch], journeys: [first.journeyId], truncated: false });
    expect(forward.edges.map(({ from, to, kind }: Record<string, string>) => [from, kind, to])).toEqual(
      expect.arrayContaining([
        [`urn:threadline:donation:${first.din}`, "collected", first.bag],
        [first.bag, "input", first.batch],
        [first.batch, "output", first.product],
        [first.product, "packed", first.cassette],
        [first.product, "administered", `urn:threadline:patient:${first.coi}`],
      ]),
    );
    const backward = await ask(auditor, formatCoiIdentifier(first.coi, "eye-readable"), "backward");
    expect(backward).toMatchObject({ donors: [first.coi], donations: [first.din], batches: [first.batch] });
    expect(backward.edges.map(({ from }: { from: string }) => from)).toContain(VECTOR_NODE);
    const lot = await ask(auditor, VECTOR_NODE, "forward");
    expect(lot.batches).toEqual([first.batch, second.batch].sort());
    expect(lot.patients).toEqual([first.coi, second.coi].sort());
    const both = await ask(auditor, "urn:epc:id:sgtin:9506000.013438.G1", "both");
    expect(both).toMatchObject({ donors: [first.coi], patients: [first.coi] });
    expect(new Set(both.edges.map(({ direction }: { direction: string }) => direction))).toEqual(new Set(["forward", "backward"]));
  });

  it("does not join journeys by the shipper they shared", async () => {
    const [first, second] = [await therapy("G123417000021"), await therapy("G123417000022")];
    const { patients, edges } = await ask(auditor, first.bag, "forward");
    expect(patients).toEqual([first.coi]);
    expect(JSON.stringify(edges)).not.toContain(second.product);
    expect(JSON.stringify(edges)).not.toContain("/8003/");
  });

  it("shows each organisation the journeys it is part of, and what lies behind the others not at all", async () => {
    const mine = await therapy("G123417000031");
    const other = await oracle.participant("treatment-centre");
    expect(await ask(other, mine.din, "both")).toMatchObject({ edges: [], donors: [], patients: [], journeys: [] });
    expect(await ask(maker, mine.din, "forward")).toMatchObject({ patients: [mine.coi] });
    const courier = await oracle.participant("logistics-provider");
    expect((await courier.api("GET", `/genealogy?of=${mine.din}`)).status).toBe(403);
  });

  it("forgets what an event said that is declared erroneous, and takes one sent again when its journey is known", async () => {
    const { coi, journeyId } = await openJourney(oracle);
    const identity = newIdentity();
    const event = { type: "ObjectEvent", ...time(9), epcList: ["https://id.gs1.org/01/09506000134352/21/GX"], action: "ADD", bizStep: "commissioning", "threadline:chainOfIdentity": coi };
    await hospital.api("POST", "/events", event);
    expect((await ask(auditor, coi, "forward")).edges.length).toBe(1);
    const declared = { ...event, errorDeclaration: { declarationTime: "2026-03-09T09:00:00.000Z", reason: "incorrect_data" } };
    expect((await hospital.api("POST", "/events", declared)).status).toBe(201);
    expect((await ask(auditor, coi, "forward")).edges).toEqual([]);
    expect((await ask(auditor, identity, "both")).edges).toEqual([]);
    expect(journeyId).toMatch(/^0x/);
  });

  it("ends although the data go in a circle", async () => {
    const ring = ["A", "B"].map((name) => `https://id.gs1.org/01/09506000134352/21/RING${name}`);
    const turn = (from: string | undefined, to: string | undefined, hour: number) => ({ type: "TransformationEvent", ...time(hour), inputEPCList: [from], outputEPCList: [to] });
    await maker.api("POST", "/events", turn(ring[0], ring[1], 3));
    await maker.api("POST", "/events", turn(ring[1], ring[0], 4));
    expect((await ask(maker, ring[0] ?? "", "forward")).edges.length).toBe(2);
  });
});
