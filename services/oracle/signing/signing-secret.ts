import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { Database } from "../../store/schema.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { problem } from "../http/problem.ts";

/** Wrong tries in a row before signing is locked, and for how long. */
export const MOST_FAILED_SIGNINGS = 5;
export const LOCK_MILLISECONDS = 15 * 60_000;

/** RFC 7914; 32 MiB a guess. */
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 2 ** 20 };
const HASH_BYTES = 32;
const derive = promisify(scrypt) as (secret: string, salt: Uint8Array, bytes: number, cost: typeof COST) => Promise<Buffer>;

/** What is stored of a signing secret: its salt and scrypt hash. */
export async function hashSigningSecret(secret: string): Promise<string> {
  const salt = randomBytes(16);
  return `scrypt-15-8-1$${salt.toString("base64url")}$${(await derive(secret, salt, HASH_BYTES, COST)).toString("base64url")}`;
}

/**
 * Has a person prove anew who they are before a kept key signs a decision for them (21 CFR 11.200 (a)(1)): the API key is
 * one component, the signing secret the other. Nothing is asked of an integration, nor of a person who set no secret.
 * Throws a problem: 401 without it, 403 for a wrong one or while signing is locked.
 */
export async function reauthenticate(database: Kysely<Database>, { account, person, signingSecret }: ParticipantCaller): Promise<void> {
  if (person === null) return;
  const known = await database.selectFrom("persons").select("signing_secret").where("account", "=", account).executeTakeFirst();
  if (known === undefined || known.signing_secret === null) return;
  const given = signingSecret?.();
  if (given === undefined)
    throw problem(401, "signing-secret-required", `${person} signs with a secret besides the API key: send it in the header Threadline-Signing-Secret`);
  // Counted before it is judged, so that many tries at once are as many tries.
  const counted = await database
    .updateTable("persons")
    .set({
      failed_signings: sql`(failed_signings + 1) % ${MOST_FAILED_SIGNINGS}`,
      signing_locked_until_milliseconds: sql`case when failed_signings + 1 >= ${MOST_FAILED_SIGNINGS} then ${Date.now() + LOCK_MILLISECONDS}::bigint end`,
    })
    .where("account", "=", account)
    .where((where) => where.or([where("signing_locked_until_milliseconds", "is", null), where("signing_locked_until_milliseconds", "<=", Date.now())]))
    .returning("failed_signings")
    .executeTakeFirst();
  if (counted === undefined) throw await locked(database, account);
  if (await matches(given, known.signing_secret)) {
    await database.updateTable("persons").set({ failed_signings: 0, signing_locked_until_milliseconds: null }).where("account", "=", account).execute();
    return;
  }
  const { failed_signings: failed } = counted;
  const next = failed === 0 ? "signing is locked for fifteen minutes" : `${MOST_FAILED_SIGNINGS - failed} tries are left`;
  throw problem(403, "signing-secret-wrong", `the signing secret is not ${person}'s; ${next}`);
}

async function locked(database: Kysely<Database>, account: string) {
  const row = await database.selectFrom("persons").select("signing_locked_until_milliseconds as until").where("account", "=", account).executeTakeFirst();
  const until = row?.until === null || row?.until === undefined ? "shortly" : new Date(row.until).toISOString();
  return problem(403, "signing-locked", `signing is locked after ${MOST_FAILED_SIGNINGS} wrong secrets; try again after ${until}`);
}

async function matches(secret: string, stored: string): Promise<boolean> {
  const [, salt = "", hash = ""] = stored.split("$");
  return timingSafeEqual(await derive(secret, Buffer.from(salt, "base64url"), HASH_BYTES, COST), Buffer.from(hash, "base64url"));
}
