import { z } from "zod";
import type { JourneyCipher, KeyPurpose } from "./journey-keys.ts";

/** Ties a table's column to its key, the row it may stand in, and the shape of what is sealed there. */
function sealedColumn<Shape extends z.ZodType>(purpose: KeyPurpose, place: string, shape: Shape) {
  return {
    /** `row` names the row within the table; the same name opens it again. */
    seal: (cipher: JourneyCipher, journeyId: string | null, row: string, value: z.output<Shape>): string =>
      cipher.seal(journeyId, purpose, `${place}/${row}`, JSON.stringify(value)),
    /** Null when it was erased. */
    open(cipher: JourneyCipher, journeyId: string | null, row: string, envelope: string | null): z.output<Shape> | null {
      const text = envelope === null ? null : cipher.open(journeyId, purpose, `${place}/${row}`, envelope);
      return text === null ? null : shape.parse(JSON.parse(text));
    },
  };
}

/** Chain of Identity and the salts that blind it on the ledger, hex. */
export const sealedIdentity = sealedColumn(
  "identity",
  "journeys",
  z.strictObject({ chainOfIdentity: z.string(), salt: z.string(), identitySalt: z.string() }),
);

export const sealedIdentifier = sealedColumn("identity", "journey_identifiers", z.string());

/** What an identity check's scan showed, and the blinding it is committed to under, hex. */
export const sealedIdentityCheck = sealedColumn(
  "identity",
  "identity_checks",
  z.strictObject({ chainOfIdentity: z.string(), patient: z.string().nullable(), blinding: z.string() }),
);

/** An event as received, with its salt; the salt is null for an event of no journey. */
export const sealedEvent = sealedColumn(
  "content",
  "events",
  z.strictObject({
    eventId: z.string(),
    /** CBV 2.0 event hash, hex. */
    eventHash: z.string(),
    /** JSON text as received, and that of its JSON-LD context. */
    body: z.string(),
    context: z.string(),
    salt: z.string().nullable(),
  }),
);

export const sealedScan = sealedColumn("content", "scans", z.strictObject({ raw: z.string(), reason: z.string() }));

/** `detail` is the canonical JSON its commitment on the ledger is made of, `salt` hex. */
export const sealedDetail = sealedColumn(
  "content",
  "exception_details",
  z.strictObject({
    observed: z.union([z.string(), z.number()]),
    limit: z.union([z.string(), z.number()]),
    unit: z.string(),
    detail: z.string(),
    salt: z.string(),
  }),
);
