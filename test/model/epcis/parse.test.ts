import { describe, expect, test } from "vitest";
import { MAXIMUM_DEPTH, parseEpcisDocument, parseEpcisEvent, parseEpcisQueryDocument } from "../../../services/model/epcis/index.ts";
import { accepted, CONTEXT, documentOf, objectEvent } from "./examples.ts";

const sensorReport = { type: "Temperature", value: 4.2, uom: "CEL" };

function issuesOf(event: unknown): string[] {
  const result = parseEpcisDocument(documentOf(event));
  return result.ok ? [] : result.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
}

function nested(levels: number): unknown {
  return levels === 0 ? "leaf" : { "example:deeper": nested(levels - 1) };
}

describe("documents", () => {
  test("are answered with their context and events", () => {
    const result = parseEpcisDocument(documentOf(objectEvent(), objectEvent({ action: "OBSERVE" })));
    if (!result.ok) throw new Error("refused");
    expect(result.context).toEqual(CONTEXT);
    expect(result.events.map((event) => event.type)).toEqual(["ObjectEvent", "ObjectEvent"]);
    expect(result.document?.schemaVersion).toBe("2.0");
  });

  test("a bare event, and a list of them, need their own context", () => {
    const own = objectEvent({ "@context": CONTEXT, "example:note": "x" });
    expect(parseEpcisDocument(own)).toMatchObject({ ok: true, document: null, context: CONTEXT });
    expect(parseEpcisDocument([own, own])).toMatchObject({ ok: true, document: null });
    expect(parseEpcisDocument([own, objectEvent()])).toMatchObject({ ok: false, issues: [{ path: [1, "@context"] }] });
  });

  test("a single event under epcisBody.event is no EPCIS 2.0", () => {
    const document = { ...documentOf(), epcisBody: { event: objectEvent() } };
    expect(parseEpcisDocument(document).ok).toBe(false);
  });

  test("query results are read by their own parser only", () => {
    const { epcisBody, ...envelope } = documentOf(objectEvent());
    const resultsBody = epcisBody;
    const query = { ...envelope, type: "EPCISQueryDocument", epcisBody: { queryResults: { queryName: "SimpleEventQuery", resultsBody } } };
    expect(parseEpcisQueryDocument(query)).toMatchObject({ ok: true, events: [{ type: "ObjectEvent" }] });
    expect(parseEpcisDocument(query).ok).toBe(false);
  });

  test.each([null, 42, "text", [], [null], {}].map((json) => [JSON.stringify(json), json]))("%s is no document", (_, json) => {
    expect(parseEpcisDocument(json).ok).toBe(false);
  });

  test("what is wrong is reported within bounds", () => {
    const events = Array.from({ length: 200 }, () => objectEvent({ bizStep: "x".repeat(10_000) }));
    const result = parseEpcisDocument(documentOf(...events));
    if (result.ok) throw new Error("accepted");
    expect(result.issues).toHaveLength(100);
    expect(JSON.stringify(result.issues).length).toBeLessThan(50_000);
  });

  test("a context of hundreds of prefixes is refused", () => {
    const prefixes = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`p${index}`, "https://ns.example.org/"]));
    expect(parseEpcisDocument({ ...documentOf(objectEvent()), "@context": prefixes })).toMatchObject({
      ok: false,
      issues: [{ path: ["@context"], message: "Declares more than 100 prefixes" }],
    });
  });

  test("every bad event of a document is named by its place", () => {
    const result = parseEpcisDocument(documentOf(objectEvent({ action: "MOVE" }), objectEvent(), objectEvent({ eventTime: "now" })));
    if (result.ok) throw new Error("accepted");
    expect(result.issues.map((issue) => issue.path.join("."))).toEqual([
      "epcisBody.eventList.0.action",
      "epcisBody.eventList.2.eventTime",
    ]);
  });
});

describe("what is refused", () => {
  const cases: [string, Record<string, unknown>, RegExp][] = [
    ["a bare bizStep outside CBV", { bizStep: "apheresis" }, /bizStep: "apheresis" is no bizStep of CBV 2.0/],
    ["a made-up word in GS1's namespace", { bizStep: "https://ref.gs1.org/cbv/BizStep-apheresis" }, /is no bizStep/],
    ["a bare disposition outside CBV", { disposition: "quarantined" }, /disposition: "quarantined"/],
    ["an unprefixed extension", { temperature: 4 }, /"temperature" is no field of EPCIS 2.0/],
    ["an undeclared prefix", { "other:field": 1 }, /prefix of "other:field" is not declared/],
    ["an undeclared prefix deep inside", { "example:a": [{ "other:field": 1 }] }, /example:a\.0\.other:field/],
    ["ilmd on OBSERVE", { action: "OBSERVE", ilmd: { "example:lot": "1" } }, /ilmd is allowed with action ADD only/],
    ["an unprefixed ilmd key", { ilmd: { lot: "1" } }, /ilmd\.lot/],
    ["a missing time zone offset", { eventTimeZoneOffset: undefined }, /eventTimeZoneOffset/],
    ["a time zone offset of +15:00", { eventTimeZoneOffset: "+15:00" }, /eventTimeZoneOffset: Must be an offset/],
    ["a time without offset", { eventTime: "2026-03-02T09:00:00" }, /not an RFC 3339 time/],
    ["30 February", { eventTime: "2026-02-30T09:00:00Z" }, /not an RFC 3339 time/],
    ["a sensor report without type", { sensorElementList: [{ sensorReport: [{ value: 1 }] }] }, /sensorReport\.0\.type/],
    ["an exception outside CBV", { sensorElementList: [{ sensorReport: [{ ...sensorReport, exception: "HOT" }] }] }, /"HOT"/],
    ["an empty sensor report list", { sensorElementList: [{ sensorReport: [] }] }, /sensorReport/],
    ["sensor data without EPCs or read point", { epcList: undefined, readPoint: undefined, sensorElementList: [{ sensorReport: [sensorReport] }] }, /Needs epcList/],
    ["the same EPC twice", { epcList: ["urn:epc:id:sscc:4012345.0000000333", "urn:epc:id:sscc:4012345.0000000333"] }, /listed twice/],
    ["an EPC that is no URI", { epcList: ["bag 7"] }, /"bag 7" is not a URI/],
    ["an error reason outside CBV", { errorDeclaration: { declarationTime: "2026-03-02T09:00:00Z", reason: "typo" } }, /"typo"/],
    ["a vendor event type", { type: "example:Event" }, /is no event type/],
  ];

  test.each(cases)("%s", (_, changes, message) => {
    expect(issuesOf(JSON.parse(JSON.stringify(objectEvent(changes)))).join("\n")).toMatch(message);
  });

  test("reserved names, wherever they are", () => {
    const event = JSON.parse(`{"example:a": {"__proto__": {"admin": true}}}`) as Record<string, unknown>;
    expect(issuesOf({ ...objectEvent(), ...event }).join()).toMatch(/"__proto__" may not be a field name/);
    expect(parseEpcisEvent(objectEvent({ constructor: 1 }), CONTEXT).ok).toBe(false);
  });

  test.each([{ https: "https://evil.example/" }, { cbv: "https://evil.example/" }, { urn: "https://evil.example/" }])(
    "a context that gives %j another meaning",
    (context) => {
      expect(issuesOf(objectEvent({ "@context": context })).join()).toMatch(/@context: The prefix ".*" may not be declared anew/);
      expect(parseEpcisDocument({ ...documentOf(objectEvent()), "@context": [...CONTEXT, context] }).ok).toBe(false);
    },
  );

  test("nesting over the limit, without overflowing the stack", () => {
    expect(issuesOf(objectEvent({ "example:a": nested(8) }))).toEqual([]);
    expect(issuesOf(objectEvent({ "example:a": nested(MAXIMUM_DEPTH) })).join()).toMatch(/Nested deeper/);
    const bomb: unknown = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
    expect(parseEpcisDocument(bomb)).toMatchObject({ ok: false });
  });
});

describe("what is accepted", () => {
  const cases: [string, Record<string, unknown>][] = [
    ["an own bizStep URI", { bizStep: "https://threadline.example/vocabulary/apheresis" }],
    ["ilmd with ADD", { ilmd: { "example:productClass": "leukapheresis" } }],
    ["Threadline's extensions", { "tl:chainOfIdentity": "CHA123426000001", "tl:step": "apheresis" }],
    ["a prefix the event declares itself", { "@context": [{ own: "https://ns.example.org/own/" }], "own:field": 1 }],
    ["a full URI as extension name", { "https://ns.example.org/field": 1 }],
    ["sensor data with a read point", { epcList: undefined, sensorElementList: [{ sensorReport: [sensorReport] }] }],
  ];

  test.each(cases)("%s", (_, changes) => {
    expect(accepted(JSON.parse(JSON.stringify(objectEvent(changes)))).type).toBe("ObjectEvent");
  });

  test("extensions are kept as written", () => {
    expect(accepted(objectEvent({ "example:note": { "example:by": ["a", "b"] } }))).toHaveProperty(
      ["example:note", "example:by"],
      ["a", "b"],
    );
  });
});
