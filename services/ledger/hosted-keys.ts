import { hexToBytes } from "@noble/hashes/utils.js";
import type { Kysely } from "kysely";
import { ThreadlineError } from "../model/errors.ts";
import type { Database } from "../store/schema.ts";
import type { Keyring } from "./keyring.ts";

/** Whose kept key signs: an account's, or that of the participant's own integration. */
export interface HostedSigner {
  participantId: string;
  account: string | null;
}

export interface HostedKeys {
  /**
   * Private keys (32 bytes) of participants, by participant id in lower case.
   * Throws `participant-not-hosted` for one whose key this node does not keep.
   */
  privateKeys(participantIds: readonly string[]): Promise<Map<string, Uint8Array>>;
  /** Private key of one account, an organisation's or a person's. Throws `account-not-hosted`. */
  privateKeyOf(account: string): Promise<Uint8Array>;
}

/** Hosted signing keys, opened once and kept in memory while the sealed text stays the same. */
export function createHostedKeys(database: Kysely<Database>, keyring: Keyring): HostedKeys {
  const opened = new Map<string, Uint8Array>();

  function open(sealed: string): Uint8Array {
    const known = opened.get(sealed);
    if (known !== undefined) return known;
    const key = hexToBytes(keyring.open(sealed).replace(/^0x/, ""));
    opened.set(sealed, key);
    return key;
  }

  return {
    async privateKeys(participantIds) {
      const wanted = [...new Set(participantIds.map((id) => id.toLowerCase()))];
      if (wanted.length === 0) return new Map();
      const rows = await database
        .selectFrom("participants")
        .select(["participant_id", "encrypted_key"])
        .where("participant_id", "in", wanted)
        .execute();
      const keys = new Map(
        rows.flatMap((row) => (row.encrypted_key === null ? [] : [[row.participant_id.toLowerCase(), open(row.encrypted_key)] as const])),
      );
      const missing = wanted.find((id) => !keys.has(id));
      if (missing === undefined) return keys;
      throw new ThreadlineError(
        "participant-not-hosted",
        `this node keeps no signing key of participant ${missing}: add the participant first, or sign with the participant's own key`,
        { participantId: missing },
      );
    },
    async privateKeyOf(account) {
      const person = await database
        .selectFrom("persons")
        .select("encrypted_key")
        .where("account", "=", account)
        .union(database.selectFrom("participants").select("encrypted_key").where("account", "=", account))
        .executeTakeFirst();
      if (typeof person?.encrypted_key === "string") return open(person.encrypted_key);
      throw new ThreadlineError(
        "account-not-hosted",
        `this node keeps no key of the account ${account}: its holder signs with their own key`,
        { account },
      );
    },
  };
}
