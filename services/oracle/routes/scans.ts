import { randomUUID } from "node:crypto";
import { z } from "zod";
import { matchLabel, parseLabel } from "../../model/identity/index.ts";
import { recordException } from "../../store/exception-details.ts";
import { identifiersOf } from "../../store/identities.ts";
import { journeyCipher, sealedScan } from "../../store/vault/index.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { anyJourney, maySeeJourney, refuseErased } from "../journeys/visible.ts";
import type { Journey } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { exceptionAnswer } from "./exception-answer.ts";
import { hash32Schema, nameSchema } from "./schemas.ts";

const scanSchema = z.strictObject({
  raw: z
    .string()
    .min(1)
    .max(4096)
    .meta({ description: "What the scanner read, GS1 DataMatrix or ISBT 128, separators included" }),
  journeyId: hash32Schema,
  step: nameSchema.optional(),
});

const matchedSchema = z.strictObject({
  scanId: z.string(),
  matched: z.literal(true),
  reason: z.string(),
  observed: z.string(),
});

/** Scans: is this the material of this journey? A label that is not, or that cannot be read, is a critical exception. */
export function scanOperations(parts: OracleParts): Operation[] {
  const { database } = parts;
  const scan = operation({
    operationId: "recordScan",
    method: "post",
    path: "/scans",
    tag: "identity",
    summary: "Match a scanned label to a journey",
    body: scanSchema,
    responses: {
      201: { description: "The label is the journey's.", schema: matchedSchema },
      404: { description: "No such journey." },
      410: { description: "What the label is matched with was erased." },
      409: { description: "The label is not the journey's, or cannot be read: the exception recorded is named." },
    },
    async handle({ body, caller }) {
      const { participantId } = caller as ParticipantCaller;
      const journey = await anyJourney(database, body.journeyId);
      const insider = await maySeeJourney(database, caller, body.journeyId);
      refuseErased(journey);
      const match = await matched(journey, body.raw);
      const scanId = randomUUID();
      const scannedAt = Date.now();
      const exception = {
        leg: null,
        occurredAt: Math.floor(scannedAt / 1000),
        observed: match.observed,
        limit: "a label of this journey",
        unit: "identifier",
        message: body.step === undefined ? match.reason : `At "${body.step}": ${match.reason}`,
      };
      await database.transaction().execute(async (transaction) => {
        const cipher = await journeyCipher(transaction, [body.journeyId]);
        await transaction
          .insertInto("scans")
          .values({
            scan_id: scanId,
            journey_id: body.journeyId,
            participant_id: participantId,
            step: body.step ?? null,
            matched: match.match,
            sealed_scan: sealedScan.seal(cipher, body.journeyId, scanId, { raw: body.raw, reason: match.reason }),
            scanned_at_milliseconds: scannedAt,
          })
          .execute();
        if (!match.match)
          await recordException(transaction, {
            ...exception,
            journeyId: body.journeyId,
            code: "identity-mismatch",
            key: `scan:${scanId}`,
          });
      });
      if (match.match)
        return { status: 201, body: { scanId, matched: true, reason: match.reason, observed: match.observed } };
      parts.onOperation();
      // The reason lists the journey's identifiers: only who is part of the journey is told them.
      const message = insider ? exception.message : "The label is not one of this journey's.";
      throw problem(409, "identity-mismatch", `STOP: ${message}`, {
        scanId,
        exception: exceptionAnswer("identity-mismatch", { ...exception, message }),
      });
    },
  });

  async function matched(journey: Journey, raw: string) {
    const parsed = parseLabel(raw);
    if (!parsed.ok)
      return { match: false, reason: `The label cannot be read: ${parsed.message}`, observed: parsed.observed };
    const identifiers = await identifiersOf(database, journey.journey_id);
    const of = (kind: "epc" | "din") => identifiers.filter((row) => row.kind === kind).map((row) => row.identifier);
    return matchLabel(parsed.label, {
      chainOfIdentity: journey.chain_of_identity ?? "",
      donationIdentificationNumbers: of("din"),
      epcs: of("epc"),
    });
  }

  return [scan];
}
