import { randomBytes } from "node:crypto";
import { computeAddress, hexlify } from "ethers";
import type { Kysely } from "kysely";
import { z } from "zod";
import { participantIdOf, roleSchema, rolesToBitmap } from "../../model/custody/index.ts";
import { enqueueOperation } from "../../store/outbox.ts";
import type { Database } from "../../store/schema.ts";
import { apiKeyHash, newApiKey } from "../http/api-keys.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { accountSchema, glnSchema } from "../schemas/common.ts";

const participantSchema = z.strictObject({
  gln: glnSchema,
  name: z.string().trim().min(1).max(200),
  roles: z
    .array(roleSchema)
    .min(1)
    .refine((roles) => new Set(roles).size === roles.length, "each role once"),
  account: accountSchema
    .optional()
    .meta({ description: "The organisation's own signing account; without it the node makes and keeps a key, and the ledger says so" }),
});

const shown = participantSchema.extend({ participantId: z.string(), account: z.string(), hosted: z.boolean() });

/** Organisations this node acts for: it keeps their signing keys sealed and gives them API keys. */
export function participantOperations(parts: OracleParts): Operation[] {
  const { database } = parts;
  const create = operation({
    operationId: "createParticipant",
    method: "post",
    path: "/participants",
    tag: "administration",
    summary: "Register an organisation; its first API key is shown this once",
    body: participantSchema,
    responses: {
      201: { description: "Registered.", schema: shown.extend({ apiKey: z.string() }) },
      409: { description: "The GLN is registered already." },
    },
    async handle({ body }) {
      const participantId = participantIdOf(body.gln);
      const privateKey = body.account === undefined ? hexlify(randomBytes(32)) : null;
      const account = body.account ?? computeAddress(privateKey ?? "");
      const hosted = privateKey !== null;
      const apiKey = newApiKey();
      const created = await database.transaction().execute(async (transaction) => {
        if (await signsForSomebody(transaction, account))
          throw problem(409, "account-taken", `the account ${account} signs for somebody already; an organisation has an account of its own`);
        const inserted = await transaction
          .insertInto("participants")
          .values({
            participant_id: participantId,
            gln: body.gln,
            name: body.name,
            roles: JSON.stringify(body.roles),
            account,
            encrypted_key: privateKey === null ? null : parts.keyring.seal(privateKey),
            created_at_milliseconds: Date.now(),
          })
          .onConflict((conflict) => conflict.doNothing())
          .returning("participant_id")
          .executeTakeFirst();
        if (inserted === undefined) return false;
        await insertApiKey(transaction, participantId, apiKey);
        await enqueueOperation(transaction, {
          idempotencyKey: `register-participant:${participantId}`,
          kind: "register-participant",
          journeyId: null,
          payload: { participantId, roles: rolesToBitmap(body.roles), account, hosted },
        });
        return true;
      });
      if (!created) throw await alreadyRegistered(database, body.gln);
      parts.onOperation();
      return { status: 201, body: { ...body, participantId, account, hosted, apiKey } };
    },
  });

  const list = operation({
    operationId: "listParticipants",
    method: "get",
    path: "/participants",
    tag: "administration",
    summary: "Organisations this node acts for",
    responses: { 200: { description: "All of them.", schema: z.strictObject({ participants: z.array(shown) }) } },
    async handle() {
      const rows = await database
        .selectFrom("participants")
        .select(["participant_id", "gln", "name", "roles", "account", "encrypted_key"])
        .orderBy("gln")
        .execute();
      const participants = rows.map(({ participant_id, encrypted_key: key, ...row }) => ({ participantId: participant_id, ...row, hosted: key !== null }));
      return { status: 200, body: { participants } };
    },
  });

  const createKey = operation({
    operationId: "createApiKey",
    method: "post",
    path: "/participants/{gln}/api-keys",
    tag: "administration",
    summary: "Make another API key of an organisation, shown this once; optionally revoke all others",
    parameters: z.strictObject({ gln: glnSchema }),
    body: z.strictObject({ revokeOthers: z.boolean().default(false) }),
    responses: {
      201: {
        description: "The new key.",
        schema: z.strictObject({ gln: z.string(), apiKey: z.string(), revoked: z.int() }),
      },
      404: { description: "No such organisation." },
    },
    async handle({ path, body }) {
      const row = await database
        .selectFrom("participants")
        .select("participant_id")
        .where("gln", "=", path.gln)
        .executeTakeFirst();
      if (row === undefined) throw problem(404, "unknown-participant", `no participant has the GLN ${path.gln}`);
      const apiKey = newApiKey();
      const revoked = await database.transaction().execute(async (transaction) => {
        const count = body.revokeOthers ? await revokeApiKeys(transaction, row.participant_id) : 0;
        await insertApiKey(transaction, row.participant_id, apiKey);
        return count;
      });
      parts.apiKeys.forget();
      return { status: 201, body: { gln: path.gln, apiKey, revoked } };
    },
  });

  return [create, list, createKey];
}

/** An account signs for one organisation or person only. */
export async function signsForSomebody(database: Kysely<Database>, account: string): Promise<boolean> {
  const taken = await database
    .selectFrom("participants")
    .select("account")
    .where("account", "=", account)
    .union(database.selectFrom("persons").select("account").where("account", "=", account))
    .executeTakeFirst();
  return taken !== undefined;
}

export async function insertApiKey(
  database: Kysely<Database>,
  participantId: string,
  apiKey: string,
  account: string | null = null,
): Promise<void> {
  await database
    .insertInto("api_keys")
    .values({
      key_hash: apiKeyHash(apiKey),
      participant_id: participantId,
      account,
      created_at_milliseconds: Date.now(),
      revoked_at_milliseconds: null,
    })
    .execute();
}

async function revokeApiKeys(database: Kysely<Database>, participantId: string): Promise<number> {
  const rows = await database
    .updateTable("api_keys")
    .set({ revoked_at_milliseconds: Date.now() })
    .where("participant_id", "=", participantId)
    .where("revoked_at_milliseconds", "is", null)
    .returning("key_hash")
    .execute();
  return rows.length;
}

async function alreadyRegistered(database: Kysely<Database>, gln: string) {
  const existing = await database
    .selectFrom("participants")
    .select(["participant_id as participantId", "gln", "name", "roles", "account"])
    .where("gln", "=", gln)
    .executeTakeFirst();
  const detail = `the GLN ${gln} is registered; POST /participants/${gln}/api-keys makes another API key`;
  return problem(409, "participant-exists", detail, { existing });
}
