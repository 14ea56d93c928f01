import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openedEvents } from "../support/sealed.ts";
import { bareEvent, newBag, openJourney, present, startOracle } from "./support.ts";
import type { TestOracle } from "./support.ts";

let oracle: TestOracle;
beforeAll(async () => {
  oracle = await startOracle();
});
afterAll(() => oracle.close());

/** Every row of every table, as one text. */
async function everything(): Promise<string> {
  const { rows: tables } = await sql<{ name: string }>`select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(oracle.database);
  const texts = await Promise.all(
    tables.map(async ({ name }) => JSON.stringify((await sql`select * from ${sql.table(name)}`.execute(oracle.database)).rows)),
  );
  return texts.join("\n");
}

it("keeps identity, identifiers, events, salts, scans and exception details of a journey out of the database's plaintext", async () => {
  const hospital = await oracle.participant("apheresis-centre");
  const [bag, foreign] = [newBag(), newBag()];
  const other = await openJourney(oracle, { epcs: [foreign] });
  const { journeyId, coi } = await openJourney(oracle, { epcs: [bag] });
  const eventID = "urn:uuid:99999999-9999-4999-8999-999999999999";
  const event = bareEvent({ eventID, epcList: [bag, foreign], "threadline:chainOfIdentity": coi, "threadline:step": "collect", "threadline:weightKilograms": 83.0625 });
  expect((await hospital.api("POST", "/events", event)).status).toBe(201);
  const stray = bareEvent({ "threadline:chainOfIdentity": "CHG123426STRAY1", "threadline:note": "of no journey yet" });
  expect((await hospital.api("POST", "/events", stray)).status).toBe(201);
  expect((await hospital.api("POST", "/scans", { raw: "&/CHG123426WRONG1", journeyId })).status).toBe(409);

  const stored = await everything();
  const row = present((await openedEvents(oracle.database)).find((each) => each.journey_id === journeyId));
  expect(row.body).toContain("83.0625");
  const secrets = [coi, other.coi, bag, foreign, "83.0625", eventID, "CHG123426WRONG1", "of no journey yet", "CHG123426STRAY1"];
  for (const secret of [...secrets, row.eventHash, row.eventHash.slice(2), present(row.salt), present(row.salt).slice(2)])
    expect(stored.includes(secret), `${secret} stands in the database`).toBe(false);
});

it("still finds events by identifier, EPC, field and time, page by page", async () => {
  const hospital = await oracle.participant("apheresis-centre");
  const { coi } = await openJourney(oracle);
  const bag = newBag();
  for (let minute = 0; minute < 4; minute += 1)
    await hospital.api(
      "POST",
      "/events",
      bareEvent({ eventID: `urn:uuid:aaaaaaaa-0000-4000-8000-00000000000${minute}`, eventTime: `2026-04-02T09:0${minute}:00.000Z`, epcList: [bag], bizStep: minute === 3 ? "packing" : "inspecting", "threadline:chainOfIdentity": coi }),
    );
  const list = async (path: string) => {
    const { body, headers } = await hospital.api("GET", path);
    return { ids: body.epcisBody.queryResults.resultsBody.eventList.map((event: { eventID: string }) => event.eventID.at(-1)), link: headers.get("link") };
  };
  const epc = encodeURIComponent(bag);
  expect((await list(`/events?EQ_eventID=${encodeURIComponent("urn:uuid:aaaaaaaa-0000-4000-8000-000000000002")}`)).ids).toEqual(["2"]);
  expect((await list(`/events?MATCH_epc=${epc}&EQ_bizStep=packing`)).ids).toEqual(["3"]);
  expect((await list(`/events?MATCH_epc=${epc}&LT_eventTime=2026-04-02T09:02:00Z&orderBy=eventTime&orderDirection=ASC`)).ids).toEqual(["0", "1"]);
  const first = await list(`/events?MATCH_epc=${epc}&perPage=3&orderBy=eventTime&orderDirection=ASC`);
  expect(first.ids).toEqual(["0", "1", "2"]);
  const next = /<([^>]+)>/.exec(first.link ?? "")?.[1] ?? "";
  expect((await list(next)).ids).toEqual(["3"]);
});
