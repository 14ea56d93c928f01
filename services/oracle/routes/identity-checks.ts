import { z } from "zod";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { IDENTITY_CHECK_TYPES } from "../../model/custody/index.ts";
import { requireOwnSignature } from "../dispositions/own-signature.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { problem } from "../http/problem.ts";
import { hash32Schema, journeyPath, momentSchema, momentText, rfc3339FromMilliseconds, signatureSchema } from "../schemas/common.ts";

const checkSchema = z.strictObject({
  step: z.string().nullable(),
  linkedCommitment: z.string(),
  account: z.string(),
  scannedAt: momentText,
  status: z.enum(["unsigned", "proving", "proven", "recorded", "unprovable"]),
  reason: z.string().nullable(),
});

const signedSchema = z.strictObject({ linkedCommitment: z.string(), signer: z.string(), status: z.string() });

/** Identity checks of a journey: begun by scans, proven, recorded on the ledger. None shows an identity. */
export function identityCheckOperations(parts: OracleParts): Operation[] {
  const { database } = parts;
  const list = operation({
    operationId: "listIdentityChecks",
    method: "get",
    path: "/journeys/{journeyId}/identity-checks",
    tag: "identity",
    summary: "Identity checks of a journey and how far each is",
    parameters: journeyPath,
    responses: {
      200: { description: "In the order of the scans.", schema: z.strictObject({ identityChecks: z.array(checkSchema) }) },
      404: { description: "No such journey." },
    },
    async handle({ path, caller }) {
      const journey = await visibleJourney(database, caller, path.journeyId);
      const rows = await database
        .selectFrom("identity_checks")
        .leftJoin("chain_identity_checks", "chain_identity_checks.linked_commitment", "identity_checks.linked_commitment")
        .selectAll("identity_checks")
        .select("chain_identity_checks.signer")
        .where("identity_checks.journey_id", "=", path.journeyId)
        .orderBy("created_at_milliseconds")
        .execute();
      const identityChecks = rows.map((row) => ({
        step: journey.flow.steps[row.step]?.step ?? null,
        linkedCommitment: row.linked_commitment,
        account: row.account,
        scannedAt: rfc3339FromMilliseconds(row.created_at_milliseconds),
        status: row.signer === null ? row.status : ("recorded" as const),
        reason: row.reason,
      }));
      return { status: 200, body: { identityChecks } };
    },
  });

  const sign = operation({
    operationId: "signIdentityCheck",
    method: "post",
    path: "/journeys/{journeyId}/identity-checks/{linkedCommitment}/signature",
    tag: "identity",
    summary: "Sign a check that your scan began, with your own key (IdentityCheck); it is proven after that",
    parameters: z.strictObject({ journeyId: hash32Schema, linkedCommitment: z.string().regex(/^[0-9]{1,78}$/, "a decimal number") }),
    body: z.strictObject({ signedAt: momentSchema, signature: signatureSchema }),
    responses: {
      202: { description: "Signed; it is proven and recorded next.", schema: signedSchema },
      403: { description: "Not the signature of the person who scanned." },
      404: { description: "No such check." },
      409: { description: "Signed already." },
    },
    async handle({ path, body, caller }) {
      const participant = caller as ParticipantCaller;
      await visibleJourney(database, caller, path.journeyId);
      const check = await database
        .selectFrom("identity_checks")
        .select(["account", "step", "status", "signature"])
        .where("journey_id", "=", path.journeyId)
        .where("linked_commitment", "=", path.linkedCommitment)
        .executeTakeFirst();
      if (check === undefined) throw problem(404, "unknown-check", `the journey has no identity check ${path.linkedCommitment}`);
      const { journeyId, linkedCommitment } = path;
      const value = { journeyId, step: check.step, linkedCommitment };
      const signer = await requireOwnSignature(parts, participant, { contract: "identityChecks", types: IDENTITY_CHECK_TYPES, value, ...body });
      if (signer !== check.account.toLowerCase())
        throw problem(403, "another-person", `${check.account} scanned; the check is signed by that person, not by ${signer}`);
      const signed = await database
        .updateTable("identity_checks")
        .set({ signed_at: body.signedAt, signature: body.signature, status: "proving" })
        .where("linked_commitment", "=", linkedCommitment)
        .where("status", "=", "unsigned")
        .returning("status")
        .executeTakeFirst();
      if (signed === undefined && check.signature !== body.signature)
        throw problem(409, "signed-already", `the check is ${check.status}: it is signed already`);
      parts.onIdentityCheck();
      return { status: 202, body: { linkedCommitment, signer, status: signed?.status ?? check.status } };
    },
  });
  return [list, sign];
}
