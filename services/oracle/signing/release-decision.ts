import type { Kysely, Transaction } from "kysely";
import { RELEASE_DECISION_TYPES } from "../../model/custody/index.ts";
import type { Database } from "../../store/schema.ts";
import { requireOwnSignature } from "../dispositions/own-signature.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { problem } from "../http/problem.ts";
import type { Journey } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { requireHostedKey } from "./hosted-key.ts";
import { ledgerHead } from "./journey-record.ts";

/** A release decision as it was signed on the signer's own machine; `signedAt` is Unix seconds. */
export interface OwnDecision {
  head: string;
  signedAt: number;
  signature: string;
}

interface Asked {
  gate: string;
  head?: string | undefined;
  signedAt?: number | undefined;
  signature?: string | undefined;
}

/**
 * The caller's own signature under a release, judged as the ledger will; null when the hosted key is to sign. Throws a
 * problem, 403: not the caller's signature, or none where one is asked; 409: signed on a record that has moved on.
 */
export async function ownDecision(
  parts: OracleParts,
  caller: ParticipantCaller,
  journey: Journey,
  gate: number,
  { gate: name, head, signedAt, signature }: Asked,
): Promise<OwnDecision | null> {
  const journeyId = journey.journey_id;
  if (head === undefined || signedAt === undefined || signature === undefined) {
    if (journey.flow.gates[gate]?.ownKey === true)
      throw problem(403, "own-key-required", `the gate "${name}" is released with a person's own key only: sign it on your machine ("threadline sign release")`, {
        gate: name,
      });
    await requireHostedKey(parts.database, caller);
    return null;
  }
  const signer = await requireOwnSignature(parts, caller, {
    contract: "releaseRegister",
    types: RELEASE_DECISION_TYPES,
    value: { journeyId, gate, head },
    signedAt,
    signature,
  });
  if (await isSameDecision(parts.database, journeyId, gate, { head, signedAt, signature }, signer)) return { head, signedAt, signature };
  const present = await ledgerHead(parts, journeyId);
  if (present !== head)
    throw problem(409, "record-moved-on", `signed on the record with the head ${head}, it stands at ${present}: read it again and sign anew`, {
      signed: head,
      present,
    });
  return { head, signedAt, signature };
}

/** Whether the ledger has this very decision already, so that sending it again changes nothing. */
export async function isSameDecision(
  database: Kysely<Database>,
  journeyId: string,
  gate: number,
  own: OwnDecision | null,
  signer?: string,
): Promise<boolean> {
  if (own === null) return false;
  const row = await database
    .selectFrom("chain_releases")
    .select(["signer", "head", "signed_at"])
    .where("journey_id", "=", journeyId)
    .where("gate", "=", gate)
    .executeTakeFirst();
  return row !== undefined && row.head === own.head && row.signed_at === own.signedAt && (signer === undefined || row.signer === signer);
}

/** Two decisions under way on one gate would hide one signature behind the other. Throws a problem, 409. */
export async function refuseOtherDecision(
  transaction: Transaction<Database>,
  journeyId: string,
  gate: number,
  own: OwnDecision | null,
): Promise<void> {
  const rows = await transaction
    .selectFrom("ledger_operations")
    .select("payload")
    .where("kind", "=", "release-gate")
    .where("journey_id", "=", journeyId)
    .where("status", "in", ["pending", "submitted"])
    .execute();
  const payloads = rows.map((row) => JSON.parse(row.payload) as { gate: number; own?: OwnDecision | null });
  const other = payloads.find((payload) => payload.gate === gate && payload.own?.signature !== own?.signature);
  if (other !== undefined) throw problem(409, "decision-under-way", "another decision on this gate is on its way to the ledger; look at it first");
}
