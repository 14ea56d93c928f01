import { createHash, randomBytes } from "node:crypto";
import type { Kysely } from "kysely";
import { ROLES } from "../../model/custody/index.ts";
import type { Role } from "../../model/custody/index.ts";
import type { Database } from "../../store/schema.ts";
import type { Caller } from "./caller.ts";

const KEY = /^tl_[A-Za-z0-9_-]{43}$/;

/** How long a key that was found good is trusted without asking the database again. */
const REMEMBERED_MILLISECONDS = 1000;
const REMEMBERED_KEYS = 10_000;

/** A new API key: 256 random bits, shown once. */
export function newApiKey(): string {
  return `tl_${randomBytes(32).toString("base64url")}`;
}

/** What is stored of a key. A key is random, so one hash is enough: there is nothing to guess. */
export function apiKeyHash(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

export interface ApiKeys {
  /** The caller a key belongs to, or undefined for a key that is malformed, unknown or revoked. */
  callerOf(key: string): Promise<Caller | undefined>;
  /** Whether a key was found good lately, as far as is remembered; says nothing of whether it still is. */
  isFamiliar(key: string): boolean;
  /** Asks the database anew of every key, after some were revoked. */
  forget(): void;
}

export function createApiKeys(database: Kysely<Database>, operatorKeyHash: string | undefined): ApiKeys {
  const remembered = new Map<string, { caller: Caller; until: number }>();

  async function find(hash: string): Promise<Caller | undefined> {
    if (hash === operatorKeyHash) return { kind: "operator" };
    const row = await database
      .selectFrom("api_keys")
      .leftJoin("participants", "participants.participant_id", "api_keys.participant_id")
      .leftJoin("persons", "persons.account", "api_keys.account")
      .select(["api_keys.participant_id as keyOf", "participants.participant_id", "gln", "participants.name", "participants.roles as roles"])
      .leftJoin("chain_participants", "chain_participants.participant_id", "api_keys.participant_id")
      .select(["participants.encrypted_key as integrationKey", "persons.encrypted_key as personKey", "own_keys_only"])
      .select(["participants.account as integration", "persons.account as personAccount", "persons.name as person"])
      .where("key_hash", "=", hash)
      .where("revoked_at_milliseconds", "is", null)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    if (row.keyOf === null) return { kind: "operator" };
    if (row.participant_id === null || row.gln === null || row.name === null || row.roles === null) return undefined;
    const account = row.personAccount ?? row.integration;
    if (account === null) return undefined;
    const roles = row.roles.filter((role): role is Role => (ROLES as readonly string[]).includes(role));
    const { participant_id: participantId, gln, name, person } = row;
    const integration = row.integrationKey === null || row.own_keys_only === true;
    const isPerson = row.personAccount !== null;
    const signsItself = { account: isPerson ? row.personKey === null || row.own_keys_only === true : integration, integration };
    return { kind: "participant", participantId, gln, name, roles, account, person, signsItself };
  }

  return {
    async callerOf(key) {
      if (!KEY.test(key)) return undefined;
      const hash = apiKeyHash(key);
      const known = remembered.get(hash);
      if (known !== undefined && known.until > Date.now()) return known.caller;
      const caller = await find(hash);
      if (caller === undefined) {
        remembered.delete(hash);
        return undefined;
      }
      if (remembered.size >= REMEMBERED_KEYS) remembered.clear();
      remembered.set(hash, { caller, until: Date.now() + REMEMBERED_MILLISECONDS });
      return caller;
    },
    isFamiliar: (key) => remembered.has(apiKeyHash(key)),
    forget: () => remembered.forEach((known) => (known.until = 0)),
  };
}
