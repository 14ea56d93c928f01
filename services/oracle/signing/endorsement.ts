import { ACCOUNT_ENDORSEMENT_TYPES } from "../../model/custody/own-keys-typed-data.ts";
import { requireOwnSignature } from "../dispositions/own-signature.ts";
import { problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";

interface Asked {
  account?: string | undefined;
  endorsement?: { signedAt: number; signature: string } | undefined;
}

/**
 * Judges an account that is to sign for an organisation as the ledger will: one with own keys only takes no account but
 * by the signature of one it has. Throws a problem, 403.
 */
export async function requireEndorsement(parts: OracleParts, participantId: string, { account, endorsement }: Asked): Promise<void> {
  const row = await parts.database
    .selectFrom("chain_participants")
    .select("own_keys_only")
    .where("participant_id", "=", participantId)
    .executeTakeFirst();
  if (endorsement !== undefined && account !== undefined)
    await requireOwnSignature(parts, { participantId }, { contract: "participantRegistry", types: ACCOUNT_ENDORSEMENT_TYPES, value: { participantId, account }, ...endorsement });
  else if (row?.own_keys_only === true)
    throw problem(403, "endorsement-required", "the organisation signs with own keys only: give the person's own account, and the signature of one of its accounts over it (AccountEndorsement)");
}
