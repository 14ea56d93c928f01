import { randomBytes } from "node:crypto";
import type { Transaction } from "kysely";
import { ACCESS_SCOPES, NO_KEY_THUMBPRINT, bitmapToScopes, scopesToBitmap } from "../model/privacy/access.ts";
import type { AccessScope } from "../model/privacy/access.ts";
import { wrapForRecipient } from "../model/privacy/key-wrap.ts";
import type { RecipientKey } from "../model/privacy/key-wrap.ts";
import { enqueueOperation } from "./outbox.ts";
import type { Database } from "./schema.ts";
import { rotateContentKey } from "./vault/index.ts";
import { journeyKeysOf } from "./vault/journey-keys.ts";

export interface NewGrant {
  journeyId: string;
  /** Who is to read. */
  recipientId: string;
  /** The recipient's own key; null for a grant of milestones only, which wraps nothing. */
  key: { thumbprint: string; publicKey: RecipientKey } | null;
  scopes: readonly AccessScope[];
  grantedBy: string;
  signing: GrantSigning;
}

/** Who signs on the ledger: the account whose kept key does, or what was signed on the signer's own machine. */
export interface GrantSigning {
  account: string;
  own: { signedAt: number; signature: string } | null;
}

/** Wraps the journey's keys for a recipient, and asks the ledger to record the grant. Returns its id, random when none is given. */
export async function grantAccess(transaction: Transaction<Database>, grant: NewGrant & { grantId?: string }): Promise<string> {
  const grantId = grant.grantId ?? `0x${randomBytes(32).toString("hex")}`;
  const { journeyId, recipientId: participantId, key, grantedBy } = grant;
  const thumbprint = key?.thumbprint ?? null;
  const scope = scopesToBitmap(grant.scopes);
  await transaction
    .insertInto("access_grants")
    .values({
      grant_id: grantId,
      journey_id: journeyId,
      participant_id: participantId,
      thumbprint,
      scope,
      granted_by: grantedBy,
      created_at_milliseconds: Date.now(),
      revoked_by: null,
      revoked_at_milliseconds: null,
    })
    .execute();
  if (key !== null) await wrapKeys(transaction, { grantId, journeyId, scope, publicKey: key.publicKey });
  await enqueueOperation(transaction, {
    idempotencyKey: `grant:${grantId}`,
    kind: "grant-access",
    journeyId,
    payload: { grantId, journeyId, recipientId: participantId, scope, keyThumbprint: thumbprint ?? NO_KEY_THUMBPRINT, participantId: grantedBy, ...grant.signing },
  });
  return grantId;
}

/**
 * Ends a grant: its wraps are deleted, the journey gets a new content key for what follows, wrapped for the recipients
 * who remain, and the ledger is asked to record the revocation. What was read before cannot be taken back. False when
 * the grant is revoked already.
 */
export async function revokeAccess(transaction: Transaction<Database>, grantId: string, revokedBy: string, signing: GrantSigning): Promise<boolean> {
  const revoked = await transaction
    .updateTable("access_grants")
    .set({ revoked_by: revokedBy, revoked_at_milliseconds: Date.now() })
    .where("grant_id", "=", grantId)
    .where("revoked_at_milliseconds", "is", null)
    .returning(["journey_id", "scope"])
    .executeTakeFirst();
  if (revoked === undefined) return false;
  await transaction.deleteFrom("key_wraps").where("grant_id", "=", grantId).execute();
  if ((revoked.scope & ACCESS_SCOPES.content) !== 0) {
    const number = await rotateContentKey(transaction, revoked.journey_id);
    for (const grant of await standingGrants(transaction, revoked.journey_id)) await wrapKeys(transaction, grant, number);
  }
  await enqueueOperation(transaction, {
    idempotencyKey: `grant-revocation:${grantId}`,
    kind: "revoke-access",
    journeyId: revoked.journey_id,
    payload: { grantId, participantId: revokedBy, ...signing },
  });
  return true;
}

interface Recipient {
  grantId: string;
  journeyId: string;
  scope: number;
  publicKey: RecipientKey;
}

async function standingGrants(transaction: Transaction<Database>, journeyId: string): Promise<Recipient[]> {
  const rows = await transaction
    .selectFrom("access_grants")
    .innerJoin("recipient_keys", "recipient_keys.thumbprint", "access_grants.thumbprint")
    .select(["grant_id", "scope", "public_key"])
    .where("journey_id", "=", journeyId)
    .where("revoked_at_milliseconds", "is", null)
    .execute();
  return rows.map((row) => ({ grantId: row.grant_id, journeyId, scope: row.scope, publicKey: row.public_key }));
}

/** Wraps each key within the grant's scope, or the content key of one number only. */
async function wrapKeys(transaction: Transaction<Database>, grant: Recipient, onlyNumber?: number): Promise<void> {
  const { grantId, journeyId, scope, publicKey } = grant;
  const scopes = bitmapToScopes(scope);
  const keys = (await journeyKeysOf(transaction, journeyId)).filter(({ purpose }) => scopes.includes(purpose));
  for (const { purpose, number, key } of keys) {
    if (onlyNumber !== undefined && (purpose !== "content" || number !== onlyNumber)) continue;
    const jwe = await wrapForRecipient(publicKey, { journeyId, purpose, number, key: Buffer.from(key).toString("base64url") });
    await transaction.insertInto("key_wraps").values({ grant_id: grantId, purpose, number, jwe }).execute();
  }
}
