import { describe, expect, test } from "vitest";
import { ThreadlineError } from "../../../services/model/errors.ts";
import type { EpcisEvent } from "../../../services/model/epcis/index.ts";
import { matchesQuery, parseQuery } from "../../../services/model/epcis/index.ts";
import { accepted, APHERESIS_BAG, objectEvent } from "./examples.ts";

const common = { eventTime: "2026-03-04T15:00:00.000+01:00", eventTimeZoneOffset: "+01:00" };
const RECORD_TIME = "2026-03-04T14:05:00Z";
const DRUG_PRODUCT = "https://id.gs1.org/01/09506000134383/21/DPBAG01";

const object = accepted(objectEvent({ eventID: "urn:uuid:6f1f0a5e-3a3c-4c55-9d0b-2f3a6b7f1a10" }));
const aggregation = accepted({
  ...common,
  type: "AggregationEvent",
  action: "ADD",
  parentID: "https://id.gs1.org/8003/09506000134376S1",
  childEPCs: [APHERESIS_BAG],
  bizLocation: { id: "https://id.gs1.org/414/9506000134369" },
});
const transformation = accepted({
  ...common,
  type: "TransformationEvent",
  inputEPCList: [APHERESIS_BAG],
  outputEPCList: [DRUG_PRODUCT],
  transformationID: "https://id.example.org/transformation/BATCH-0001",
  disposition: "in_progress",
  errorDeclaration: { declarationTime: "2026-03-05T09:00:00Z" },
});
const events: Record<string, EpcisEvent> = { object, aggregation, transformation };

function found(text: string): string {
  const query = parseQuery(new URLSearchParams(text));
  return Object.keys(events).filter((name) => matchesQuery(events[name] as EpcisEvent, RECORD_TIME, query)).join(" ");
}

const encode = encodeURIComponent;

describe("a query finds the events that meet all its parameters", () => {
  test.each([
    ["", "object aggregation transformation"],
    ["eventType=AggregationEvent|ObjectEvent", "object aggregation"],
    ["GE_eventTime=2026-03-04T14:00:00Z", "aggregation transformation"],
    ["LT_eventTime=2026-03-04T14:00:00Z", "object"],
    ["GE_recordTime=2026-03-04T14:05:00Z", "object aggregation transformation"],
    ["LT_recordTime=2026-03-04T14:05:00Z", ""],
    ["EQ_action=ADD", "object aggregation"],
    ["EQ_bizStep=commissioning", "object"],
    [`EQ_bizStep=shipping|${encode("https://ref.gs1.org/cbv/BizStep-commissioning")}`, "object"],
    ["EQ_bizStep=urn:epcglobal:cbv:bizstep:commissioning", "object"],
    ["EQ_disposition=cbv:Disp-in_progress", "transformation"],
    ["EQ_readPoint=urn:epc:id:sgln:9506000.13436.APHROOM1", "object"],
    ["EQ_bizLocation=https://id.gs1.org/414/9506000134369", "aggregation"],
    ["EQ_transformationID=https://id.example.org/transformation/BATCH-0001", "transformation"],
    ["EQ_eventID=urn:uuid:6f1f0a5e-3a3c-4c55-9d0b-2f3a6b7f1a10", "object"],
    [`MATCH_epc=${APHERESIS_BAG}`, "object aggregation"],
    ["MATCH_epc=urn:epc:id:sgtin:9506000.013435.APH0001", "object aggregation"],
    ["MATCH_epc=urn:epc:idpat:sgtin:9506000.013435.*", "object aggregation"],
    ["MATCH_epc=https://id.gs1.org/01/09506000134352", ""],
    ["MATCH_parentID=urn:epc:id:grai:9506000.13437.S1", "aggregation"],
    [`MATCH_inputEPC=${APHERESIS_BAG}`, "transformation"],
    [`MATCH_outputEPC=${DRUG_PRODUCT}`, "transformation"],
    [`MATCH_anyEPC=${APHERESIS_BAG}`, "object aggregation transformation"],
    [`MATCH_anyEPC=${DRUG_PRODUCT}&eventType=ObjectEvent`, ""],
    ["EXISTS_errorDeclaration=true", "transformation"],
    ["EXISTS_errorDeclaration=false", "object aggregation transformation"],
  ])("%s → %s", (text, names) => expect(found(text)).toBe(names));
});

describe("parameters", () => {
  test("have defaults", () => {
    expect(parseQuery([])).toEqual({ orderBy: "eventTime", orderDirection: "DESC", perPage: 30 });
    expect(parseQuery(new URLSearchParams("orderBy=recordTime&orderDirection=ASC&perPage=2&nextPageToken=t"))).toEqual({
      orderBy: "recordTime",
      orderDirection: "ASC",
      perPage: 2,
      nextPageToken: "t",
    });
  });

  test.each([
    "EQ_bizstep=shipping", "eventType=QuantityEvent", "eventType=", "EQ_action=MOVE", "GE_eventTime=yesterday",
    "GE_eventTime=2026-03-04T14:00:00+01:00", "orderBy=bizStep", "orderDirection=UP", "perPage=0", "perPage=1001",
    "perPage=1e2", "EXISTS_errorDeclaration=1", "MATCH_epc=a||b", "perPage=1&perPage=2", "nextPageToken=", "__proto__=1",
    `EQ_eventID=${Array(101).fill("urn:a:b").join("|")}`,
  ])("%s is refused", (text) => {
    let error: unknown;
    try {
      parseQuery(new URLSearchParams(text));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ThreadlineError);
    expect(error).toMatchObject({ code: "epcisException:QueryParameterException", details: { parameter: text.split("=")[0] } });
  });
});
