import type { Vocabulary } from "./vocabulary.ts";
import { VOCABULARIES } from "./vocabulary.ts";

/** How a field is written into the pre-hash string. */
export type HashField =
  | { kind: "value" | "time" | "list"; name: string }
  | { kind: "term"; name: string; vocabulary: Vocabulary }
  /** A list under its own name, each member written as `member=value`. */
  | { kind: "members"; name: string; member: string }
  /** An object with the fields given, in this order, then its extensions. */
  | { kind: "object"; name: string; fields: HashField[] }
  /** A list of such objects under the list's name, each beginning with `member`. */
  | { kind: "objects"; name: string; member: string; fields: HashField[] }
  /** Written elsewhere. */
  | { kind: "apart"; name: string };

const value = (name: string): HashField => ({ kind: "value", name });
const time = (name: string): HashField => ({ kind: "time", name });
const term = (name: string, vocabulary: Vocabulary): HashField => ({ kind: "term", name, vocabulary });
const epcs = (name: string): HashField => ({ kind: "members", name, member: "epc" });
const location = (name: string): HashField => ({ kind: "object", name, fields: [value("id")] });

const quantities = (name: string): HashField => ({
  kind: "objects",
  name,
  member: "quantityElement",
  fields: [value("epcClass"), value("quantity"), value("uom")],
});

/** A list of typed members: the type comes first, and the member has no name of its own. */
const typed = (name: string, member: string, vocabulary: Vocabulary): HashField => ({
  kind: "objects",
  name,
  member: "",
  fields: [term("type", vocabulary), value(member)],
});

const device = [value("deviceID"), value("deviceMetadata"), value("rawData"), value("dataProcessingMethod")];

const sensorMetadata: HashField = {
  kind: "object",
  name: "sensorMetadata",
  fields: [time("time"), time("startTime"), time("endTime"), ...device, value("bizRules")],
};

// The reference vectors write a report's bizRules after all ordered fields, so that it is none of them here.
const sensorReport: HashField = {
  kind: "objects",
  name: "",
  member: "sensorReport",
  fields: [
    term("type", VOCABULARIES.measurement), term("exception", VOCABULARIES.sensorAlert), ...device,
    { kind: "apart", name: "bizRules" }, time("time"), value("microorganism"), value("chemicalSubstance"), value("value"),
    term("component", VOCABULARIES.component), value("stringValue"), value("booleanValue"), value("hexBinaryValue"),
    value("uriValue"), value("minValue"), value("maxValue"), value("meanValue"), value("sDev"), value("percRank"),
    value("percValue"), value("uom"), value("coordinateReferenceSystem"),
  ],
};

/** The canonical property order of an event (CBV 2.0 event hash, as the reference vectors have it). */
export const ORDERED_FIELDS: readonly HashField[] = [
  time("eventTime"),
  value("eventTimeZoneOffset"),
  { kind: "list", name: "certificationInfo" },
  value("parentID"),
  epcs("epcList"),
  epcs("inputEPCList"),
  epcs("childEPCs"),
  quantities("quantityList"),
  quantities("childQuantityList"),
  quantities("inputQuantityList"),
  epcs("outputEPCList"),
  quantities("outputQuantityList"),
  value("action"),
  value("transformationID"),
  term("bizStep", VOCABULARIES.bizStep),
  term("disposition", VOCABULARIES.disposition),
  {
    kind: "object",
    name: "persistentDisposition",
    fields: [term("set", VOCABULARIES.disposition), term("unset", VOCABULARIES.disposition)],
  },
  location("readPoint"),
  location("bizLocation"),
  {
    kind: "objects",
    name: "sensorElementList",
    member: "sensorElement",
    fields: [sensorMetadata, { ...sensorReport, name: "sensorReport" }],
  },
];

/** Fields that follow, sorted together with ilmd and the event's extensions. */
export const SORTED_FIELDS: readonly HashField[] = [
  typed("bizTransactionList", "bizTransaction", VOCABULARIES.bizTransaction),
  typed("sourceList", "source", VOCABULARIES.sourceDestination),
  typed("destinationList", "destination", VOCABULARIES.sourceDestination),
];

/** Fields that are about the record of the event, not the event. */
export const EXCLUDED_FIELDS: ReadonlySet<string> = new Set([
  "recordTime", "eventID", "type", "errorDeclaration", "@context", "comment", "#text",
]);
