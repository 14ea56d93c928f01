import { z } from "zod";
import { holdTimeSchema, laneDocumentSchema, shipperDocumentSchema } from "../../model/condition/index.ts";
import { parseGrai } from "../../model/identity/index.ts";
import { glnSchema, identifier, momentSchema, momentText } from "./common.ts";

/** A shipper is one thing: its GRAI has a serial number. */
export const graiSchema = identifier(parseGrai, "Global Returnable Asset Identifier with serial number (GS1 AI 8003)").refine(
  (text) => text.length > 14,
  "a shipper's GRAI has a serial number; without one it names a type of shipper",
);

export const graiPath = z.strictObject({ grai: graiSchema });
export const lanePath = z.strictObject({ lane: laneDocumentSchema.shape.lane });

export const shipperSchema = z.strictObject({
  grai: graiSchema,
  owner: glnSchema,
  model: shipperDocumentSchema.shape.model,
  holdTime: holdTimeSchema,
});

/** A qualification or requalification, with the hash of its evidence. */
export const qualificationSchema = z
  .strictObject({
    qualifiedFrom: momentSchema,
    qualifiedUntil: momentSchema,
    certificateHash: z
      .string()
      .regex(/^0x[0-9a-f]{64}$/, "32 bytes, lower-case hexadecimal with 0x")
      .default(`0x${"0".repeat(64)}`)
      .meta({ description: "keccak-256 of the qualification's evidence; zero when none is filed" }),
  })
  .refine((value) => value.qualifiedFrom < value.qualifiedUntil, { path: ["qualifiedUntil"], message: "a qualification ends after it starts" });

export const registeredShipper = z.strictObject({ grai: z.string(), equipmentId: z.string(), documentHash: z.string() });
export const registeredLane = z.strictObject({ lane: z.string(), laneId: z.string(), documentHash: z.string() });
export const qualifiedShown = z.strictObject({ qualifiedFrom: momentText, qualifiedUntil: momentText });

const periodShown = qualifiedShown.extend({ certificateHash: z.string() });

export const useShown = z.strictObject({
  /** Null when the caller may not see the journey. */
  journeyId: z.string().nullable(),
  leg: z.string().nullable(),
  lane: z.string().nullable(),
  assignedAt: momentText,
  /** Whether a qualification since the use before covers its beginning. */
  qualified: z.boolean(),
});

export const shipperShown = registeredShipper.extend({
  ownerGln: z.string().nullable(),
  model: z.string(),
  holdTime: holdTimeSchema,
  /** Fit for a use beginning now. */
  qualifiedNow: z.boolean(),
  /** Used since its last qualification began: it must be requalified before the next use. */
  requalificationDue: z.boolean(),
  qualifications: z.array(periodShown),
  uses: z.array(useShown),
});

export const laneShown = registeredLane.extend({
  title: z.string(),
  plannedSeconds: z.int(),
  holdTimeMargin: z.number(),
  qualifiedNow: z.boolean(),
  qualifications: z.array(periodShown),
});
