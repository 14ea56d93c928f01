import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { masterRecipeHash } from "../../../services/model/quality/master-recipe.ts";
import { goodDrafts, recipe, timed } from "../../model/quality/support.ts";
import { CONTEXT, openJourney, startOracle } from "../support.ts";
import type { TestOracle } from "../support.ts";

let oracle: TestOracle;
let maker: Awaited<ReturnType<TestOracle["participant"]>>;
let certifier: Awaited<ReturnType<TestOracle["participant"]>>;
let courier: Awaited<ReturnType<TestOracle["participant"]>>;
let batches = 0;

beforeAll(async () => {
  oracle = await startOracle();
  maker = await oracle.participant("manufacturing-site");
  certifier = await oracle.participant("qualified-person");
  courier = await oracle.participant("logistics-provider");
  expect((await maker.api("POST", "/recipes", recipe())).status).toBe(201);
});
afterAll(() => oracle.close());

const bindingOf = (batch: string) => ({
  recipe: { name: "car-t-manufacture", version: 1 },
  batch,
  equipment: [{ equipment: "9506000134BIO1", equipmentClass: "bioreactor", qualifiedFrom: "2026-01-01T00:00:00Z", qualifiedUntil: "2026-12-31T00:00:00Z" }],
});

async function boundJourney() {
  const { journeyId, coi } = await openJourney(oracle);
  const batch = `https://id.example.org/transformation/T-${(batches += 1)}`;
  const path = `/journeys/${journeyId}`;
  return {
    journeyId,
    coi,
    batch,
    path,
    bind: () => maker.api("POST", `${path}/control-recipe`, bindingOf(batch)),
    post: (entries: unknown[], named = batch) => maker.api("POST", `${path}/batch-record/entries`, { batch: named, entries }),
    record: async (view = "complete") => (await certifier.api("GET", `${path}/batch-record?view=${view}`)).body,
    raised: async () =>
      (await oracle.database.selectFrom("exception_details").select("code").where("journey_id", "=", journeyId).orderBy("code").execute()).map(({ code }) => code),
    operations: async () =>
      (await oracle.database.selectFrom("ledger_operations").select("kind").where("journey_id", "=", journeyId).where("kind", "=", "raise-exception").execute()).length,
  };
}

describe("recipes", () => {
  it("are registered once, answered as registered, and never changed", async () => {
    const again = await maker.api("POST", "/recipes", recipe());
    expect([again.status, again.body.recipeHash]).toEqual([200, masterRecipeHash(recipe())]);
    const changed = await maker.api("POST", "/recipes", { ...recipe(), title: "Another" });
    expect([changed.status, changed.body.type]).toEqual([409, "urn:threadline:problem:recipe-exists"]);
    expect((await certifier.api("GET", "/recipes/car-t-manufacture/1")).body).toEqual(recipe());
    expect((await maker.api("GET", "/recipes/car-t-manufacture/2")).status).toBe(404);
  });

  it("are no business of a courier", async () => {
    expect((await courier.api("GET", "/recipes/car-t-manufacture/1")).status).toBe(403);
    expect((await courier.api("POST", "/recipes", recipe())).status).toBe(403);
  });
});

describe("the batch record", () => {
  it("of a good batch is complete and has no exception", async () => {
    const { bind, post, record, raised } = await boundJourney();
    expect((await bind()).status).toBe(201);
    const posted = await post(timed(goodDrafts()));
    expect([posted.status, posted.body.recorded.length]).toEqual([201, 16]);
    expect(await record()).toMatchObject({ phasesCompleted: true, exceptions: [], phases: [{ phase: "transduction" }, {}, {}] });
    const byException = await record("exceptions");
    expect(byException).toMatchObject({ phasesCompleted: true, exceptions: [], phaseCount: 3, entryCount: 16 });
    expect(byException.phases).toBeUndefined();
    expect(await raised()).toEqual([]);
  });

  it("takes an entry once, however often it is sent, and refuses other content under its id", async () => {
    const { bind, post, record } = await boundJourney();
    await bind();
    const entries = timed(goodDrafts());
    await post(entries.slice(0, 3));
    const again = await post(entries.slice(0, 5));
    expect(again.body).toMatchObject({ recorded: ["entry-4", "entry-5"], known: ["entry-1", "entry-2", "entry-3"] });
    const other = await post([{ ...entries[4], value: 4 }, entries[5]]);
    expect([other.status, other.body.conflicting]).toEqual([409, ["entry-5"]]);
    expect((await record()).entries.length).toBe(5);
  });

  it("raises each exception once, with the first entry that shows it", async () => {
    const { bind, post, raised, operations, record } = await boundJourney();
    await bind();
    const entries = timed(goodDrafts()).map((entry) => (entry.type === "parameter" && entry.phase === "expansion" ? { ...entry, value: 38.2 } : entry));
    for (const entry of entries) expect((await post([entry])).status).toBe(201);
    expect(await raised()).toEqual(["parameter-out-of-limit"]);
    expect(await operations()).toBe(1);
    expect((await record("exceptions")).exceptions).toMatchObject([
      { code: "parameter-out-of-limit", class: "major", phase: "expansion", observed: 38.2, limit: "36.5 to 37.5 Cel", unit: "Cel" },
    ]);
  });

  it("judges entries that came before the recipe when it is bound, and flags another batch's", async () => {
    const { bind, post, raised, path } = await boundJourney();
    const entries = timed(goodDrafts());
    expect((await post(entries.slice(1, 2))).status).toBe(201);
    expect(await raised()).toEqual([]);
    expect((await certifier.api("GET", `${path}/batch-record`)).status).toBe(404);
    expect((await bind()).status).toBe(201);
    expect(await raised()).toEqual(["line-clearance-missing"]);
    expect((await bind()).status).toBe(200);
    await post(entries.slice(2, 3), "https://id.example.org/transformation/SOMEBODY-ELSES");
    expect(await raised()).toEqual(["identity-mismatch", "line-clearance-missing"]);
  });

  it("keeps the recipe it was bound to", async () => {
    const { bind, path, batch } = await boundJourney();
    await bind();
    const other = await maker.api("POST", `${path}/control-recipe`, { ...bindingOf(batch), equipment: [] });
    expect([other.status, other.body.type]).toEqual([409, "urn:threadline:problem:recipe-bound"]);
    const thief = await boundJourney();
    const stolen = await maker.api("POST", `${thief.path}/control-recipe`, bindingOf(batch));
    expect([stolen.status, stolen.body.type]).toEqual([409, "urn:threadline:problem:batch-taken"]);
  });

  it("comes in EPCIS TransformationEvents too, entry by entry the same", async () => {
    const { bind, coi, batch, record, raised } = await boundJourney();
    await bind();
    const event = (entries: unknown, extra: object = {}) => ({
      "@context": CONTEXT,
      type: "TransformationEvent",
      eventTime: "2026-03-12T09:00:00.000Z",
      eventTimeZoneOffset: "+00:00",
      transformationID: batch,
      inputEPCList: [`https://id.gs1.org/01/09506000134352/21/EBR${batches}`],
      "threadline:chainOfIdentity": coi,
      "threadline:batchRecordEntry": entries,
      ...extra,
    });
    const entries = timed(goodDrafts());
    expect((await maker.api("POST", "/events", event(entries))).status).toBe(201);
    expect(await record()).toMatchObject({ phasesCompleted: true, exceptions: [] });
    const conflicting = event([{ ...entries[4], value: 4.5 }], { eventTime: "2026-03-12T10:00:00.000Z" });
    expect((await maker.api("POST", "/events", conflicting)).status).toBe(201);
    expect(await raised()).toEqual(["entry-conflict"]);
    const wrong = await maker.api("POST", "/events", event([{ type: "parameter" }], { eventTime: "2026-03-12T11:00:00.000Z" }));
    expect([wrong.status, wrong.body.detail]).toEqual([400, expect.stringContaining("batchRecordEntry 0")]);
  });

  it("is the manufacturer's to write and quality's to read", async () => {
    const { bind, path, batch } = await boundJourney();
    await bind();
    const entries = { batch, entries: timed(goodDrafts()) };
    expect((await courier.api("POST", `${path}/batch-record/entries`, entries)).status).toBe(403);
    expect((await courier.api("GET", `${path}/batch-record`)).status).toBe(403);
    const stranger = await oracle.participant("manufacturing-site");
    expect((await stranger.api("GET", `${path}/batch-record`)).status).toBe(404);
  });
});
