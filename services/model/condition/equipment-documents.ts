import { keccak256, toUtf8Bytes } from "ethers";
import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";
import { holdTimeSchema } from "./hold-time.ts";

const text = z.string().trim().min(1).max(200);

/** What is known of a shipper; the ledger holds its hash, so that nobody gives it a longer hold time afterwards. */
export const shipperDocumentSchema = z.strictObject({
  /** GRAI with serial number, value of AI (8003). */
  grai: z.string(),
  model: text,
  holdTime: holdTimeSchema,
});

/** A lane: the way a shipment takes, with the time planned for it and what hold time it keeps in reserve. */
export const laneDocumentSchema = z.strictObject({
  lane: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "a name is lower-case letters, digits and hyphens"),
  title: text,
  plannedSeconds: z.int().min(1).max(0xffff_ffff),
  /** At least 1: with 1.5 half of the planned time is kept in reserve to the end. */
  holdTimeMargin: z.number().min(1).max(100),
});

export type ShipperDocument = z.output<typeof shipperDocumentSchema>;
export type LaneDocument = z.output<typeof laneDocumentSchema>;

/** keccak-256 of a document's canonical JSON. */
export function equipmentDocumentHash(document: ShipperDocument | LaneDocument): string {
  return keccak256(toUtf8Bytes(canonicalJson(document)));
}
