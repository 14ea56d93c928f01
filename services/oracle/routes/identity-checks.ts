import { z } from "zod";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { journeyPath, momentText, rfc3339FromMilliseconds } from "./schemas.ts";

const checkSchema = z.strictObject({
  step: z.string().nullable(),
  linkedCommitment: z.string(),
  account: z.string(),
  scannedAt: momentText,
  status: z.enum(["proving", "proven", "recorded", "unprovable"]),
  reason: z.string().nullable(),
});

/** Identity checks of a journey: begun by scans, proven, recorded on the ledger. None shows an identity. */
export function identityCheckOperations({ database }: OracleParts): Operation[] {
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
  return [list];
}
