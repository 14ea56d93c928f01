import { z } from "zod";
import { ACCESS_GRANT_TYPES, ACCESS_REVOCATION_TYPES, bitmapToScopes, scopesToBitmap } from "../../model/privacy/access.ts";
import { keyThumbprint, recipientKeySchema } from "../../model/privacy/key-wrap.ts";
import { ThreadlineError } from "../../model/errors.ts";
import { grantAccess, revokeAccess } from "../../store/access-grants.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { knownJourney, refuseErased, visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { recipientOf, signingOf } from "../signing/access-signing.ts";
import { accessScopesSchema, glnSchema, hash32Schema, journeyPath, momentSchema, momentText, rfc3339FromMilliseconds, signatureSchema } from "../schemas/common.ts";

/** The caller's own signature, beside what it covers. */
const ownShape = { signedAt: momentSchema.optional(), signature: signatureSchema.optional() };

const acceptedSchema = z.strictObject({ grantId: z.string(), status: z.literal("pending") });

/** Grants: a journey's keys wrapped for one recipient's own key, recorded on the ledger with their revocation. */
export function accessGrantOperations(parts: OracleParts): Operation[] {
  const { database } = parts;

  const registerKey = operation({
    operationId: "registerEncryptionKey",
    method: "post",
    path: "/encryption-keys",
    tag: "access",
    summary: "Register your organisation's public key, for which journey keys are to be wrapped; the newest counts",
    body: z.strictObject({ publicKey: recipientKeySchema }),
    responses: {
      201: { description: "Registered, or known before.", schema: z.strictObject({ thumbprint: z.string() }) },
      409: { description: "The key is another organisation's." },
      422: { description: "No point on the curve." },
    },
    async handle({ body, caller }) {
      const { participantId } = caller as ParticipantCaller;
      const thumbprint = await thumbprintOf(body.publicKey);
      const row = { thumbprint, participant_id: participantId, public_key: JSON.stringify(body.publicKey), created_at_milliseconds: Date.now() };
      await database.insertInto("recipient_keys").values(row).onConflict((conflict) => conflict.doNothing()).execute();
      const known = await database.selectFrom("recipient_keys").select("participant_id").where("thumbprint", "=", thumbprint).executeTakeFirstOrThrow();
      if (known.participant_id !== participantId) throw problem(409, "key-taken", `the key ${thumbprint} is another organisation's; make one of your own`);
      return { status: 201, body: { thumbprint } };
    },
  });

  const grant = operation({
    operationId: "grantAccess",
    method: "post",
    path: "/journeys/{journeyId}/grants",
    tag: "access",
    summary: "Wrap the journey's keys for another organisation's own key, or let it see the milestones; recorded on the ledger with your own signature (AccessGrant) or the hosted key's",
    parameters: journeyPath,
    body: z
      .strictObject({ recipient: glnSchema, scopes: accessScopesSchema, grantId: hash32Schema.optional(), keyThumbprint: hash32Schema.optional(), ...ownShape })
      .refine(
        ({ grantId, keyThumbprint, signedAt, signature }) => new Set([grantId, keyThumbprint, signedAt, signature].map((part) => part === undefined)).size === 1,
        "a signature of your own comes with grantId, keyThumbprint and signedAt, and none of them without it",
      ),
    responses: {
      202: { description: "Granted; readable once the ledger has it.", schema: acceptedSchema },
      404: { description: "No such journey or organisation." },
      409: { description: "The organisation registered no key, or its duties may not see what would be granted." },
      410: { description: "Erased on the subject's request." },
    },
    async handle({ path, body, caller }) {
      const participant = caller as ParticipantCaller;
      const { journeyId } = path;
      refuseErased(await knownJourney(database, caller, journeyId));
      const scopes = [...new Set(body.scopes)];
      const { recipientId, key, keyThumbprint: present } = await recipientOf(database, body.recipient, scopes);
      if (body.keyThumbprint !== undefined && body.keyThumbprint !== present)
        throw problem(409, "another-key", `${body.recipient} has the key ${present} now, not the one signed for; sign anew`, { keyThumbprint: present });
      const { grantId: chosen } = body;
      const scope = scopesToBitmap(scopes);
      const value = { grantId: chosen, journeyId, participantId: recipientId, scope, keyThumbprint: present };
      const signing = await signingOf(parts, participant, ACCESS_GRANT_TYPES, value, body);
      if (chosen !== undefined && (await isGranted(chosen, { journeyId, recipientId, scope }))) return { status: 202, body: { grantId: chosen, status: "pending" } };
      const content = { journeyId, recipientId, key, scopes, grantedBy: participant.participantId, signing };
      const grantId = await database.transaction().execute((transaction) =>
        grantAccess(transaction, chosen === undefined ? content : { ...content, grantId: chosen }),
      );
      parts.onOperation();
      return { status: 202, body: { grantId, status: "pending" } };
    },
  });

  const revoke = operation({
    operationId: "revokeAccess",
    method: "post",
    path: "/journeys/{journeyId}/grants/{grantId}/revocation",
    tag: "access",
    summary: "End a grant: no more wraps for its recipient, and a new key for what follows; with your own signature (AccessRevocation) or the hosted key's",
    parameters: z.strictObject({ journeyId: hash32Schema, grantId: hash32Schema }),
    body: z
      .strictObject(ownShape)
      .refine(({ signedAt, signature }) => (signedAt === undefined) === (signature === undefined), "signature and signedAt come together"),
    responses: {
      202: { description: "Revoked here; the ledger is told.", schema: acceptedSchema },
      404: { description: "No such journey or grant." },
      409: { description: "Revoked before." },
      410: { description: "Erased on the subject's request." },
    },
    async handle({ path, body, caller }) {
      const participant = caller as ParticipantCaller;
      refuseErased(await knownJourney(database, caller, path.journeyId));
      const known = await database.selectFrom("access_grants").select("grant_id").where("grant_id", "=", path.grantId).where("journey_id", "=", path.journeyId).executeTakeFirst();
      if (known === undefined) throw problem(404, "unknown-grant", `the journey has no grant ${path.grantId}`);
      const signing = await signingOf(parts, participant, ACCESS_REVOCATION_TYPES, { grantId: path.grantId }, body);
      const done = await database
        .transaction()
        .execute((transaction) => revokeAccess(transaction, path.grantId, participant.participantId, signing));
      if (!done) throw problem(409, "already-revoked", `the grant ${path.grantId} is revoked already`);
      parts.onOperation();
      return { status: 202, body: { grantId: path.grantId, status: "pending" } };
    },
  });

  const list = operation({
    operationId: "listGrants",
    method: "get",
    path: "/journeys/{journeyId}/grants",
    tag: "access",
    summary: "Who was granted access, and when that ended, here and on the ledger",
    parameters: journeyPath,
    responses: { 200: { description: "In the order they were granted.", schema: grantsSchema }, 404: { description: "No such journey." } },
    async handle({ path, caller }) {
      await visibleJourney(database, caller, path.journeyId);
      const rows = await database
        .selectFrom("access_grants")
        .leftJoin("chain_access_grants", "chain_access_grants.grant_id", "access_grants.grant_id")
        .leftJoin("participants", "participants.participant_id", "access_grants.participant_id")
        .select(["access_grants.grant_id as grantId", "gln", "access_grants.scope as scope", "thumbprint", "access_grants.created_at_milliseconds as grantedAt", "revoked_at_milliseconds"])
        .select(["chain_access_grants.granted_at as recordedAt", "chain_access_grants.revoked_at as revocationRecordedAt"])
        .where("access_grants.journey_id", "=", path.journeyId)
        .orderBy("access_grants.created_at_milliseconds")
        .execute();
      const grants = rows.map((row) => ({
        grantId: row.grantId,
        recipient: row.gln,
        scopes: bitmapToScopes(row.scope),
        keyThumbprint: row.thumbprint,
        grantedAt: rfc3339FromMilliseconds(row.grantedAt),
        revokedAt: row.revoked_at_milliseconds === null ? null : rfc3339FromMilliseconds(row.revoked_at_milliseconds),
        recorded: row.recordedAt !== null,
        revocationRecorded: row.revocationRecordedAt !== null,
      }));
      return { status: 200, body: { grants } };
    },
  });

  const sealed = operation({
    operationId: "getSealedEvents",
    method: "get",
    path: "/journeys/{journeyId}/sealed",
    tag: "access",
    summary: "Your wraps of the journey's keys and its events as they lie encrypted, to be opened on your own machine",
    parameters: journeyPath,
    responses: {
      200: { description: "Keys as JWE, events as envelopes.", schema: sealedSchema },
      404: { description: "No standing grant of this journey to you is on the ledger." },
    },
    async handle({ path, caller }) {
      const wraps = await database
        .selectFrom("key_wraps")
        .innerJoin("access_grants", "access_grants.grant_id", "key_wraps.grant_id")
        .innerJoin("chain_access_grants", "chain_access_grants.grant_id", "key_wraps.grant_id")
        .select(["purpose", "number", "jwe"])
        .where("access_grants.journey_id", "=", path.journeyId)
        .where("access_grants.participant_id", "=", (caller as ParticipantCaller).participantId)
        .where("access_grants.revoked_at_milliseconds", "is", null)
        .where("chain_access_grants.revoked_at", "is", null)
        .orderBy("purpose")
        .orderBy("number")
        .execute();
      if (wraps.length === 0) throw problem(404, "not-granted", `no grant of the journey ${path.journeyId} to you stands on the ledger`);
      const rows = await database
        .selectFrom("events")
        .select(["commitment", "event_hash_index", "is_error_declaration", "sealed_event"])
        .where("journey_id", "=", path.journeyId)
        .where("sealed_event", "is not", null)
        .orderBy("event_number")
        .execute();
      const events = rows.map((row) => ({
        commitment: row.commitment,
        place: `${path.journeyId}/events/${row.event_hash_index}/${row.is_error_declaration}`,
        envelope: row.sealed_event ?? "",
      }));
      return { status: 200, body: { journeyId: path.journeyId, keys: wraps, events } };
    },
  });

  /** A grant id names one grant: the same request again changes nothing, another grant under it is refused. */
  async function isGranted(grantId: string, asked: { journeyId: string; recipientId: string; scope: number }): Promise<boolean> {
    const known = await database
      .selectFrom("access_grants")
      .select(["journey_id", "participant_id", "scope"])
      .where("grant_id", "=", grantId)
      .executeTakeFirst();
    if (known === undefined) return false;
    if (known.journey_id === asked.journeyId && known.participant_id === asked.recipientId && known.scope === asked.scope) return true;
    throw problem(409, "grant-exists", `the grant ${grantId} is another one; choose a random id`);
  }

  return [registerKey, grant, list, revoke, sealed];
}

async function thumbprintOf(...key: Parameters<typeof keyThumbprint>): Promise<string> {
  try {
    return await keyThumbprint(...key);
  } catch (error) {
    if (error instanceof ThreadlineError) throw problem(422, error.code, error.message);
    throw error;
  }
}

const grantsSchema = z.strictObject({
  grants: z.array(
    z.strictObject({
      grantId: z.string(),
      recipient: z.string().nullable(),
      scopes: z.array(z.string()),
      keyThumbprint: z.string().nullable().meta({ description: "null for a grant of milestones only" }),
      grantedAt: momentText,
      revokedAt: momentText.nullable(),
      recorded: z.boolean(),
      revocationRecorded: z.boolean(),
    }),
  ),
});

const sealedSchema = z.strictObject({
  journeyId: z.string(),
  keys: z.array(z.strictObject({ purpose: z.string(), number: z.int(), jwe: z.string() })),
  events: z.array(z.strictObject({ commitment: z.string().nullable(), place: z.string(), envelope: z.string() })),
});
