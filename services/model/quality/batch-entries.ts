import { z } from "zod";
import { recipeName, unitSchema } from "./master-recipe.ts";

const common = {
  /** Chosen by the sender; the same id with the same content is the same entry. */
  entryId: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/, "letters, digits and . _ : -"),
  /** When it happened, RFC 3339. */
  at: z.iso.datetime({ offset: true }).refine((text) => Date.parse(text) >= 0, "a time since 1970"),
};
const ofPhase = { ...common, phase: recipeName };
/** A pseudonym the manufacturer keeps the list of; a name never goes into a batch record that others read. */
const person = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/, "a personnel code, without blanks");
const identifierText = z.string().min(1).max(100);

/** One event of an electronic batch record. */
export const batchEntrySchema = z.discriminatedUnion("type", [
  z.strictObject({ ...ofPhase, type: z.literal("phase-started"), performer: person }),
  z.strictObject({ ...ofPhase, type: z.literal("phase-ended"), performer: person }),
  z.strictObject({ ...ofPhase, type: z.literal("parameter"), parameter: recipeName, value: z.number(), unit: unitSchema }),
  z.strictObject({ ...ofPhase, type: z.literal("equipment-used"), equipment: z.string().min(1).max(60) }),
  z.strictObject({
    ...ofPhase,
    type: z.literal("material-used"),
    material: recipeName,
    /** Batch or lot of the material as its label has it. */
    lot: identifierText,
    gtin: z.string().regex(/^\d{14}$/, "a GTIN of 14 digits").optional(),
    /** First moment at which it may no longer be used, RFC 3339. */
    expiresAt: z.iso.datetime({ offset: true }),
    quantity: z.number().positive().optional(),
    unit: unitSchema.optional(),
  }),
  z.strictObject({ ...ofPhase, type: z.literal("line-cleared"), clearedBy: person, verifiedBy: person }),
  z.strictObject({
    ...ofPhase,
    type: z.literal("signed"),
    signer: person,
    meaning: z.enum(["performed", "verified", "reviewed"]),
  }),
  z.strictObject({ ...ofPhase, type: z.literal("comment"), author: person, text: z.string().min(1).max(2000) }),
  /** Nothing more is expected: from now on what is absent is missing. */
  z.strictObject({ ...common, type: z.literal("batch-closed"), performer: person }),
]);

export type BatchEntry = z.output<typeof batchEntrySchema>;
export type BatchEntryOf<Type extends BatchEntry["type"]> = Extract<BatchEntry, { type: Type }>;
