import { z } from "zod";
import {
  action, bizTransactionList, destinationList, errorDeclaration, ilmd, location, persistentDisposition, quantityList,
  sensorElementList, sourceList,
} from "./event-parts.ts";
import { dateTime, epcList, term, uniqueEpcList, uri } from "./primitives.ts";
import { extensible } from "./strict-object.ts";
import { VOCABULARIES } from "./vocabulary.ts";

const TIME_ZONE_OFFSET = /^[+-]((0\d|1[0-3]):[0-5]\d|14:00)$/;

/** A JSON-LD context: a URI, an object, or a list of different ones. */
export const jsonLdContext = z.union([
  uri,
  z.record(z.string(), z.unknown()),
  z
    .array(z.union([uri, z.record(z.string(), z.unknown())]))
    .refine((parts) => new Set(parts.map((part) => JSON.stringify(part))).size === parts.length, {
      error: "The same context is listed twice",
    }),
]);

const common = {
  "@context": jsonLdContext.optional(),
  eventTime: dateTime,
  eventTimeZoneOffset: z.string().regex(TIME_ZONE_OFFSET, "Must be an offset such as +01:00"),
  recordTime: dateTime.optional(),
  eventID: uri.optional(),
  certificationInfo: z.union([uri, z.array(uri)]).optional(),
  errorDeclaration: errorDeclaration.optional(),
  bizStep: term(VOCABULARIES.bizStep).optional(),
  disposition: term(VOCABULARIES.disposition).optional(),
  readPoint: location.optional(),
  bizLocation: location.optional(),
  sourceList: sourceList.optional(),
  destinationList: destinationList.optional(),
  sensorElementList: sensorElementList.optional(),
};

const filled = (list: readonly unknown[] | undefined) => list !== undefined && list.length > 0;

const objectEvent = extensible({
  ...common,
  type: z.literal("ObjectEvent"),
  action,
  epcList: uniqueEpcList.optional(),
  quantityList: quantityList.optional(),
  persistentDisposition: persistentDisposition.optional(),
  bizTransactionList: bizTransactionList.optional(),
  ilmd: ilmd.optional(),
})
  .refine(
    (event) =>
      event.epcList !== undefined ||
      filled(event.quantityList) ||
      (filled(event.sensorElementList) && event.readPoint !== undefined),
    { path: ["epcList"], error: "Needs epcList, quantityList, or sensorElementList with readPoint" },
  )
  .refine((event) => event.ilmd === undefined || event.action === "ADD", {
    path: ["ilmd"],
    error: "ilmd is allowed with action ADD only",
  });

const aggregationFields = {
  ...common,
  action,
  parentID: uri.optional(),
  childEPCs: epcList.optional(),
  childQuantityList: quantityList.optional(),
  bizTransactionList: bizTransactionList.optional(),
};

const childrenMissing = { path: ["childEPCs"], error: "Needs childEPCs or childQuantityList unless action is DELETE" };

const aggregationEvent = extensible({ ...aggregationFields, type: z.literal("AggregationEvent") }).refine(
  (event) => filled(event.childEPCs) || filled(event.childQuantityList) || event.action === "DELETE",
  childrenMissing,
);

const associationEvent = extensible({
  ...aggregationFields,
  type: z.literal("AssociationEvent"),
  parentID: uri,
}).refine(
  (event) => filled(event.childEPCs) || filled(event.childQuantityList) || event.action === "DELETE",
  childrenMissing,
);

const transactionEvent = extensible({
  ...common,
  type: z.literal("TransactionEvent"),
  action,
  bizTransactionList: bizTransactionList.min(1),
  parentID: uri.optional(),
  epcList: epcList.optional(),
  quantityList: quantityList.optional(),
}).refine((event) => event.epcList !== undefined || filled(event.quantityList) || event.action === "DELETE", {
  path: ["epcList"],
  error: "Needs epcList or quantityList unless action is DELETE",
});

const transformationEvent = extensible({
  ...common,
  type: z.literal("TransformationEvent"),
  inputEPCList: uniqueEpcList.optional(),
  inputQuantityList: quantityList.optional(),
  outputEPCList: uniqueEpcList.optional(),
  outputQuantityList: quantityList.optional(),
  transformationID: uri.optional(),
  persistentDisposition: persistentDisposition.optional(),
  bizTransactionList: bizTransactionList.optional(),
  ilmd: ilmd.optional(),
}).refine(
  (event) => {
    const inputs = filled(event.inputEPCList) || filled(event.inputQuantityList);
    const outputs = filled(event.outputEPCList) || filled(event.outputQuantityList);
    return event.transformationID === undefined ? inputs && outputs : inputs || outputs;
  },
  { path: ["transformationID"], error: "Needs inputs and outputs, or one of them with a transformationID" },
);

/** The five event types of EPCIS 2.0 (GS1; ISO/IEC 19987), by their `type`. */
export const EVENT_SCHEMAS = {
  ObjectEvent: objectEvent,
  AggregationEvent: aggregationEvent,
  AssociationEvent: associationEvent,
  TransactionEvent: transactionEvent,
  TransformationEvent: transformationEvent,
} as const;

export type EventType = keyof typeof EVENT_SCHEMAS;

export const EVENT_TYPES = Object.keys(EVENT_SCHEMAS) as EventType[];

/** Any event, told apart by `type`; extensions are kept under their names as written. */
export type EpcisEvent = { [Type in EventType]: z.infer<(typeof EVENT_SCHEMAS)[Type]> }[EventType];
