import { openedEvents } from "../../support/sealed.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventHashId, parseEpcisQueryDocument } from "../../../services/model/epcis/index.ts";
import { bareEvent, CONTEXT, documentOf, objectEvent, present, startOracle } from "../support.ts";
import type { Api, Json, TestOracle } from "../support.ts";

let oracle: TestOracle;
let api: Api;
const BAG = "https://id.gs1.org/01/09506000134352/21/QUERY";

beforeAll(async () => {
  oracle = await startOracle();
  api = (await oracle.participant("apheresis-centre")).api;
  const events = Array.from({ length: 7 }, (_, day) =>
    objectEvent({
      eventTime: `2026-03-0${day + 1}T09:00:00.000Z`,
      eventID: `urn:uuid:00000000-0000-4000-8000-00000000000${day}`,
      bizStep: day % 2 === 0 ? "inspecting" : "packing",
      epcList: day === 3 ? [BAG] : [`https://id.gs1.org/01/09506000134352/21/Q${day}`],
    }),
  );
  expect((await api("POST", "/capture", documentOf(...events))).status).toBe(202);
});
afterAll(() => oracle.close());

const found = (body: Json): { eventID: string; eventTime: string; recordTime: string }[] =>
  body.epcisBody.queryResults.resultsBody.eventList;
const days = (body: Json) => found(body).map((event) => Number(event.eventID.at(-1)));

describe("GET /events", () => {
  it("answers a valid EPCIS query document, whose events have the hash they were captured with", async () => {
    const { body } = await api("GET", "/events");
    const parsed = parseEpcisQueryDocument(body);
    expect(parsed.ok).toBe(true);
    const rows = await openedEvents(oracle.database);
    const hashes = new Map(rows.map((row) => [row.eventId, `ni:///sha-256;${row.eventHash.slice(2)}?ver=CBV2.0`]));
    for (const event of found(body))
      expect(eventHashId(event as never, body["@context"])).toBe(hashes.get(event.eventID));
    expect(present(found(body)[0]).recordTime).toMatch(/^\d{4}-.*Z$/);
  });

  it("filters, orders and pages without losing or repeating an event", async () => {
    expect(days((await api("GET", "/events?EQ_bizStep=packing")).body)).toEqual([5, 3, 1]);
    expect(
      days((await api("GET", `/events?MATCH_epc=${encodeURIComponent("urn:epc:id:sgtin:9506000.013435.QUERY")}`)).body),
    ).toEqual([3]);
    expect(
      days(
        (
          await api(
            "GET",
            "/events?GE_eventTime=2026-03-03T09:00:00Z&LT_eventTime=2026-03-05T09:00:00Z&orderDirection=ASC",
          )
        ).body,
      ),
    ).toEqual([2, 3]);
    for (const query of [
      "perPage=2",
      "perPage=3&orderDirection=ASC",
      "perPage=1&orderBy=recordTime",
      "perPage=2&EQ_bizStep=inspecting",
    ]) {
      const seen: number[] = [];
      let path: string | undefined = `/events?${query}`;
      while (path !== undefined) {
        const answered: { body: unknown; headers: Headers } = await api("GET", path);
        seen.push(...days(answered.body));
        path = /<(.+)>; rel="next"/.exec(answered.headers.get("link") ?? "")?.[1];
      }
      const expected = query.includes("inspecting") ? [0, 2, 4, 6] : [0, 1, 2, 3, 4, 5, 6];
      expect([query, [...seen].sort()]).toEqual([query, expected]);
      expect(new Set(seen).size).toBe(seen.length);
    }
  });

  it("refuses parameters it does not know, malformed and repeated ones", async () => {
    for (const query of [
      "WD_readPoint=x",
      "perPage=0",
      "perPage=1001",
      "GE_eventTime=yesterday",
      "nextPageToken=x",
      "orderBy=eventID",
      "EQ_bizStep=a&EQ_bizStep=b",
      "eventType=",
    ]) {
      const { status, body } = await api("GET", `/events?${query}`);
      expect([query, status]).toEqual([query, 400]);
      expect(body.status).toBe(400);
    }
  });
});

describe("content negotiation", () => {
  it("answers JSON only, and says so", async () => {
    const { status, body, headers } = await api("GET", "/events", undefined, { accept: "application/xml" });
    expect([status, body.type]).toEqual([406, "epcisException:NotAcceptableException"]);
    expect(headers.get("gs1-extensions")).toBe("threadline=https://threadline.example/epcis/");
    expect((await api("GET", "/events", undefined, { accept: "application/ld+json" })).status).toBe(200);
  });
});

describe("POST /events", () => {
  it("answers where the event is, by its hash id when it came without one", async () => {
    const event = bareEvent({ epcList: ["https://id.gs1.org/01/09506000134352/21/HASH"] });
    const { status, body, headers } = await api("POST", "/events", event);
    expect(status).toBe(201);
    expect(body).toEqual({ ...event, eventID: eventHashId(event as never, CONTEXT), recordTime: expect.any(String) });
    const answered = await api("GET", present(headers.get("location")));
    expect(found(answered.body)[0]).toMatchObject({ eventID: body.eventID, epcList: event["epcList"] });
    expect((await api("POST", "/events", event)).headers.get("location")).toBe(headers.get("location"));
    expect((await api("GET", "/events/urn:uuid:none")).status).toBe(404);
  });

  it("takes one event only, and one that brings its context", async () => {
    expect((await api("POST", "/events", [bareEvent()])).status).toBe(400);
    expect((await api("POST", "/events", documentOf(objectEvent()))).status).toBe(400);
    expect((await api("POST", "/events", objectEvent())).status).toBe(400);
  });
});
