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

const text = z.string();

/** The product's batch and its equipment: part of the link between product and patient. */
export const sealedControlRecipe = sealedColumn("identity", "control_recipes", z.strictObject({ batch: text, equipment: z.array(z.unknown()) }));

/** `entry` is its canonical JSON; `eventHash` names the EPCIS event it came in, null for JSON. */
export const sealedBatchEntry = sealedColumn(
  "content",
  "batch_record_entries",
  z.strictObject({ batch: text, entryId: text, entry: text, eventHash: text.nullable() }),
);

/** A laboratory's signed record and its certificate of analysis, canonical JSON both; they hold the commitments' salts. */
export const sealedResults = sealedColumn("content", "batch_results", z.strictObject({ body: text, certificate: text }));

/** Why results have no proof: it names the test. */
export const sealedResultsReason = sealedColumn("content", "batch_results/reason", text);

/** The two ends of a genealogy edge. */
export const sealedEdge = sealedColumn("identity", "genealogy_edges", z.strictObject({ from: text, to: text }));

/** `content` is `LabelContent`, JSON text; `reason` why it was reprinted. */
export const sealedLabel = sealedColumn("content", "labels", z.strictObject({ epc: text, content: text, reason: text.nullable() }));

export const sealedVoidReason = sealedColumn("content", "labels/void_reason", text);

const saltedReason = z.strictObject({ reason: text, salt: text });

/** Texts behind the salted hashes on the ledger, `salt` hex. */
export const sealedExceptionReason = sealedColumn("content", "exception_reasons", saltedReason);
export const sealedDispositionReason = sealedColumn("content", "disposition_reasons", saltedReason);

/** Of no journey, since a job may bring events of many. */
export const sealedCaptureErrors = sealedColumn("content", "capture_jobs", z.array(z.unknown()));

/** A refused message is nobody's until somebody reads it. */
export const sealedDeadLetter = sealedColumn("content", "dead_letters", z.strictObject({ topic: text, payload: text, detail: text }));
