import { z } from "zod";
import { dateTime, decimal, term, uri } from "./primitives.ts";
import { extensible } from "./strict-object.ts";
import { VOCABULARIES } from "./vocabulary.ts";

export const action = z.enum(["OBSERVE", "ADD", "DELETE"]);

export const quantityElement = z.strictObject({
  epcClass: uri,
  quantity: decimal.optional(),
  uom: z.string().regex(/^[A-Z0-9]{2,3}$/, "A unit of measure is 2 or 3 characters of UN/CEFACT Recommendation 20").optional(),
});
export const quantityList = z.array(quantityElement);

const dispositions = z
  .array(term(VOCABULARIES.disposition))
  .min(1)
  .refine((list) => new Set(list).size === list.length, { error: "The same disposition is listed twice" });

export const persistentDisposition = z
  .strictObject({ set: dispositions.optional(), unset: dispositions.optional() })
  .refine((value) => value.set !== undefined || value.unset !== undefined, { error: "Needs set or unset" });

/** A read point or business location. */
export const location = extensible({ id: uri });

export const bizTransactionList = z.array(
  z.strictObject({ type: term(VOCABULARIES.bizTransaction).optional(), bizTransaction: uri }),
);
export const sourceList = z.array(z.strictObject({ type: term(VOCABULARIES.sourceDestination), source: uri }));
export const destinationList = z.array(z.strictObject({ type: term(VOCABULARIES.sourceDestination), destination: uri }));

export const sensorMetadata = extensible({
  time: dateTime.optional(),
  startTime: dateTime.optional(),
  endTime: dateTime.optional(),
  deviceID: uri.optional(),
  deviceMetadata: uri.optional(),
  rawData: uri.optional(),
  dataProcessingMethod: uri.optional(),
  bizRules: uri.optional(),
});

export const sensorReport = extensible({
  type: term(VOCABULARIES.measurement),
  exception: term(VOCABULARIES.sensorAlert).optional(),
  deviceID: uri.optional(),
  deviceMetadata: uri.optional(),
  rawData: uri.optional(),
  dataProcessingMethod: uri.optional(),
  bizRules: uri.optional(),
  time: dateTime.optional(),
  microorganism: uri.optional(),
  chemicalSubstance: uri.optional(),
  coordinateReferenceSystem: uri.optional(),
  value: decimal.optional(),
  component: term(VOCABULARIES.component).optional(),
  stringValue: z.string().optional(),
  booleanValue: z.boolean().optional(),
  hexBinaryValue: z.string().regex(/^[A-Fa-f0-9]+$/, "Not hexadecimal").optional(),
  uriValue: uri.optional(),
  minValue: decimal.optional(),
  maxValue: decimal.optional(),
  meanValue: decimal.optional(),
  sDev: decimal.optional(),
  percRank: decimal.optional(),
  percValue: decimal.optional(),
  uom: z.string().optional(),
});

export const sensorElementList = z.array(
  extensible({ sensorMetadata: sensorMetadata.optional(), sensorReport: z.array(sensorReport).min(1) }),
);

export const errorDeclaration = extensible({
  declarationTime: dateTime,
  reason: term(VOCABULARIES.errorReason).optional(),
  correctiveEventIDs: z.array(uri).optional(),
});

/** Instance or lot master data: extensions only. */
export const ilmd = extensible({});
