import type { Kysely } from "kysely";
import type { Role } from "../../model/custody/index.ts";
import { NO_KEY_THUMBPRINT, scopesBeyond, wrapsKeys } from "../../model/privacy/access.ts";
import type { ACCESS_GRANT_TYPES, AccessScope } from "../../model/privacy/access.ts";
import type { GrantSigning } from "../../store/access-grants.ts";
import type { Database } from "../../store/schema.ts";
import { requireOwnSignature } from "../dispositions/own-signature.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { requireHostedKey } from "./hosted-key.ts";

/**
 * Whom a grant is for, with the newest key they registered when these scopes wrap one. Throws a problem: 404 unknown,
 * 409 without a key, or when none of their duties may see a scope.
 */
export async function recipientOf(database: Kysely<Database>, gln: string, scopes: readonly AccessScope[]) {
  const recipient = await database
    .selectFrom("participants")
    .leftJoin("recipient_keys", "recipient_keys.participant_id", "participants.participant_id")
    .select(["participants.participant_id as recipientId", "roles", "thumbprint", "public_key"])
    .where("gln", "=", gln)
    .orderBy("recipient_keys.created_at_milliseconds", "desc")
    .executeTakeFirst();
  if (recipient === undefined) throw problem(404, "unknown-participant", `no participant has the GLN ${gln}`);
  const { recipientId, thumbprint, public_key: publicKey } = recipient;
  const beyond = scopesBeyond(recipient.roles as readonly Role[], scopes);
  if (beyond.length > 0)
    throw problem(409, "not-in-their-view", `a ${recipient.roles.join(", ")} may not see ${beyond.join(" or ")}, whoever grants it; grant milestones, or disclose fields`);
  if (!wrapsKeys(scopes)) return { recipientId, key: null, keyThumbprint: NO_KEY_THUMBPRINT };
  if (thumbprint === null || publicKey === null)
    throw problem(409, "no-encryption-key", `the organisation ${gln} has no key to wrap for; it registers one with POST /encryption-keys`);
  return { recipientId, key: { thumbprint, publicKey }, keyThumbprint: thumbprint };
}

/** How a grant or a revocation is signed on the ledger: the caller's own signature, judged here first, or the kept key. */
export async function signingOf(
  parts: OracleParts,
  caller: ParticipantCaller,
  types: typeof ACCESS_GRANT_TYPES,
  value: Record<string, unknown>,
  { signedAt, signature }: { signedAt?: number | undefined; signature?: string | undefined },
): Promise<GrantSigning> {
  const { account } = caller;
  if (signedAt === undefined || signature === undefined) {
    await requireHostedKey(parts.database, caller);
    return { account, own: null };
  }
  await requireOwnSignature(parts, caller, { contract: "accessGrants", types, value, signedAt, signature });
  return { account, own: { signedAt, signature } };
}
