import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { Insertable, Kysely, Selectable, Transaction } from "kysely";
import { chainedHash, FIRST_AUDIT_HASH } from "../model/audit-chain.ts";
import type { AccessRow } from "./access-schema.ts";
import type { Database } from "./schema.ts";
import { vaultOf } from "./vault/index.ts";

/** What is written down of an access, beside its number, its id and its place in the chain. */
export type NewAccess = Omit<Insertable<AccessRow>, "access_number" | "access_id" | "previous_hash" | "entry_hash" | "seal">;

export interface TrailState {
  intact: boolean;
  entries: number;
  head: string;
  /** Number of the first entry that does not follow the one before; null for a trail that is whole. */
  firstBroken: number | null;
}

export interface AccessTrail {
  /** Resolves once the accesses are in the database; those that come meanwhile share a transaction. */
  record(accesses: readonly NewAccess[]): Promise<void>;
  /** Recomputes the chain from its first entry. */
  verify(): Promise<TrailState>;
}

interface Waiting {
  accesses: readonly NewAccess[];
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** The trail of who read what, append-only and chained by hash, one for all ways of reading. */
export function createAccessTrail(database: Kysely<Database>): AccessTrail {
  let waiting: Waiting[] = [];
  let isWriting = false;

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        const accesses = batch.flatMap((entry) => entry.accesses);
        await database.transaction().execute((transaction) => append(transaction, accesses));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    isWriting = false;
  }

  return {
    record(accesses) {
      if (accesses.length === 0) return Promise.resolve();
      return new Promise((resolve, reject) => {
        waiting.push({ accesses, resolve, reject });
        if (isWriting) return;
        isWriting = true;
        void write();
      });
    },
    verify: () => verify(database),
  };
}

/** Appends in one order for all nodes on a database; PGlite has one connection and needs no lock. */
async function append(transaction: Transaction<Database>, accesses: readonly NewAccess[]): Promise<void> {
  if (transaction.getExecutor().adapter.supportsMultipleConnections)
    await sql`select pg_advisory_xact_lock(hashtextextended('threadline/accesses', 0))`.execute(transaction);
  const last = await transaction
    .selectFrom("accesses")
    .select(["access_number", "entry_hash"])
    .orderBy("access_number", "desc")
    .limit(1)
    .executeTakeFirst();
  const known = await knownJourneys(transaction, accesses);
  let number = last?.access_number ?? 0;
  let previousHash = last?.entry_hash ?? FIRST_AUDIT_HASH;
  const rows = accesses.map((access) => {
    number += 1;
    const journey_id = known.has(access.journey_id ?? "") ? (access.journey_id ?? null) : null;
    const row = { ...access, access_number: number, access_id: randomUUID(), journey_id };
    const entry_hash = chainedHash(previousHash, { entry: contentOf(row) });
    const written = { ...row, previous_hash: previousHash, entry_hash, seal: sealOf(transaction, entry_hash) };
    previousHash = entry_hash;
    return written;
  });
  await transaction.insertInto("accesses").values(rows).execute();
}

/** A journey that was asked for and does not exist is not named: the id may be anything. */
async function knownJourneys(transaction: Transaction<Database>, accesses: readonly NewAccess[]): Promise<Set<string>> {
  const asked = [...new Set(accesses.flatMap(({ journey_id: journeyId }) => journeyId ?? []))];
  if (asked.length === 0) return new Set();
  const rows = await transaction.selectFrom("journeys").select("journey_id").where("journey_id", "in", asked).execute();
  return new Set(rows.map((row) => row.journey_id));
}

function sealOf(database: Kysely<Database>, entryHash: string): string {
  return vaultOf(database).blindIndex("accesses/entry_hash", entryHash);
}

type Chained = Insertable<AccessRow> & { access_number: number };

/** What the hash of an entry covers: all of it. */
function contentOf(row: Chained) {
  return {
    number: row.access_number,
    accessId: row.access_id,
    occurredAt: row.occurred_at_milliseconds,
    participantId: row.participant_id,
    account: row.account ?? null,
    roles: row.roles,
    operationId: row.operation_id,
    status: row.status ?? null,
    journeyId: row.journey_id ?? null,
    interaction: row.interaction ?? null,
    resourceType: row.resource_type ?? null,
    resourceId: row.resource_id ?? null,
    parameters: row.parameters,
    resources: row.resources,
    isRefused: row.is_refused,
    pseudonymShown: row.pseudonym_shown,
  };
}

const ENTRIES_AT_A_TIME = 1000;

/**
 * An entry changed, moved or taken out of the middle breaks the chain; the seals also show one rewritten as a whole
 * without the node's secret. What was cut off the end shows against a head noted before.
 */
async function verify(database: Kysely<Database>): Promise<TrailState> {
  let head = FIRST_AUDIT_HASH;
  let entries = 0;
  let number: number | null = null;
  for (;;) {
    const rows: Selectable<AccessRow>[] = await database
      .selectFrom("accesses")
      .selectAll()
      .where("access_number", ">", number ?? 0)
      .orderBy("access_number")
      .limit(ENTRIES_AT_A_TIME)
      .execute();
    if (rows.length === 0) return { intact: true, entries, head, firstBroken: null };
    for (const row of rows) {
      const isBeforeChain = entries === 0 && row.entry_hash === null && row.previous_hash === null && row.operation_id === "fhir";
      const follows = row.access_number === (number ?? 0) + 1;
      if (!isBeforeChain && !(follows && isLinked(database, row, head)))
        return { intact: false, entries, head, firstBroken: row.access_number };
      number = row.access_number;
      if (isBeforeChain) continue;
      head = row.entry_hash ?? head;
      entries += 1;
    }
  }
}

function isLinked(database: Kysely<Database>, row: Selectable<AccessRow>, head: string): boolean {
  return (
    row.previous_hash === head &&
    row.entry_hash === chainedHash(head, { entry: contentOf(row) }) &&
    row.seal === sealOf(database, row.entry_hash)
  );
}
