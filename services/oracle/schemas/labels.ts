import { z } from "zod";
import {
  canonicalDigitalLink,
  labelContentSchema,
  parseDonationIdentificationNumber,
  parseGs1Key,
  required,
} from "../../model/identity/index.ts";
import { LABEL_FORMATS } from "../../labels/index.ts";
import type { LabelFormat } from "../../labels/index.ts";
import { hash32Schema, identifier, momentText, nameSchema } from "./common.ts";

/** A container's SGTIN, as EPC URN, Digital Link, bracketed text or scan. */
const containerSchema = z
  .string()
  .max(200)
  .transform((text, context) => {
    const result = parseGs1Key(text.startsWith("urn:") ? (canonicalDigitalLink(text) ?? text) : text);
    if (result.ok && result.value.kind === "sgtin") return { gtin: result.value.gtin, serial: result.value.serial };
    const message = result.ok ? `a container is named by an SGTIN, not by a ${result.value.kind.toUpperCase()}` : result.message;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  })
  .meta({ description: "SGTIN of the container: GS1 Digital Link, EPC URN or (01)…(21)…" });

export const reasonSchema = z.string().trim().min(3).max(500).meta({ description: "Why; kept for good" });

export const newLabelSchema = z.strictObject({
  container: containerSchema,
  productName: labelContentSchema.shape.productName,
  lot: labelContentSchema.shape.lot.default(null),
  expiry: labelContentSchema.shape.expiry.default(null),
  donationIdentificationNumber: identifier(parseDonationIdentificationNumber, "Donation identification number of the journey")
    .transform((text) => required(parseDonationIdentificationNumber(text)).din)
    .nullable()
    .default(null),
  storageProfile: nameSchema.meta({ description: "Condition profile of the flow whose limits are the storage temperature" }),
  statements: labelContentSchema.shape.statements.default([]),
  reason: reasonSchema.nullable().default(null),
});

export const labelPath = z.strictObject({ journeyId: hash32Schema, labelId: z.uuid() });

const files = z.strictObject(
  Object.fromEntries(Object.keys(LABEL_FORMATS).map((format) => [format, z.string()])) as Record<LabelFormat, z.ZodString>,
);

/** A label in the register. It says neither the Chain of Identity nor the donation: the label itself does. */
export const labelSchema = z.strictObject({
  labelId: z.string(),
  container: z.string(),
  version: z.int(),
  status: z.enum(["valid", "voided"]),
  reason: z.string().nullable(),
  printedBy: z.string(),
  printedAt: momentText,
  voidedBy: z.string().nullable(),
  voidedAt: momentText.nullable(),
  voidReason: z.string().nullable(),
  files,
});
