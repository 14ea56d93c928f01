import type { Kysely } from "kysely";
import { enqueueOperation } from "./outbox.ts";
import type { Database } from "./schema.ts";
import { vaultOf } from "./vault/index.ts";

/** The trails this node keeps. */
export const AUDIT_TRAILS = ["accesses", "patients"] as const;

export type AuditTrailName = (typeof AUDIT_TRAILS)[number];

/** What the ledger has of a trail; `count` is 0 when it has nothing. `anchoredAt` is Unix seconds. */
export interface AuditAnchor {
  count: number;
  anchoredAt: number;
  head: string;
}

/** How a trail stands to its last anchor on the ledger. */
export type AnchorState = "agrees" | "cut" | "rewritten" | "none";

/** Name of a trail on the ledger: keyed, so that nobody can tell whose it is or which. */
export function anchoredTrail(database: Kysely<Database>, trail: AuditTrailName): string {
  return `0x${vaultOf(database).blindIndex("audit-anchors/trail", trail)}`;
}

/** Keyed hash over length and last hash: the ledger learns nothing of a trail, and nobody without the secret makes one. */
function anchoredHead(database: Kysely<Database>, trail: AuditTrailName, count: number, hash: string): string {
  return `0x${vaultOf(database).blindIndex("audit-anchors/head", `${trail}:${count}:${hash}`)}`;
}

/** Asks the ledger to anchor each trail that grew since it was asked last; returns how many that are. */
export async function anchorTrails(database: Kysely<Database>): Promise<number> {
  let asked = 0;
  for (const trail of AUDIT_TRAILS) {
    const last = await lastEntry(database, trail);
    if (last === null) continue;
    const payload = { trail: anchoredTrail(database, trail), count: last.number, head: anchoredHead(database, trail, last.number, last.hash) };
    const idempotencyKey = `audit-anchor:${payload.trail}:${payload.count}`;
    const known = await database.selectFrom("ledger_operations").select("operation_number").where("idempotency_key", "=", idempotencyKey).executeTakeFirst();
    if (known !== undefined) continue;
    await database.transaction().execute((transaction) => enqueueOperation(transaction, { idempotencyKey, kind: "anchor-audit", journeyId: null, payload }));
    asked += 1;
  }
  return asked;
}

/**
 * Holds a trail against its anchor: cut when it is shorter now, rewritten when its entry of that number has another hash.
 * That the entries before it are as they were is for the trail's own chain to say.
 */
export async function anchorState(database: Kysely<Database>, trail: AuditTrailName, anchor: AuditAnchor): Promise<AnchorState> {
  if (anchor.count === 0) return "none";
  const hash = await hashAt(database, trail, anchor.count);
  if (hash === null) return "cut";
  return anchoredHead(database, trail, anchor.count, hash) === anchor.head ? "agrees" : "rewritten";
}

async function lastEntry(database: Kysely<Database>, trail: AuditTrailName): Promise<{ number: number; hash: string } | null> {
  if (trail === "patients") {
    const row = await database.selectFrom("patient_audit").select(["entry_number", "entry_hash"]).orderBy("entry_number", "desc").limit(1).executeTakeFirst();
    return row === undefined ? null : { number: row.entry_number, hash: row.entry_hash };
  }
  const row = await database.selectFrom("accesses").select(["access_number", "entry_hash"]).orderBy("access_number", "desc").limit(1).executeTakeFirst();
  return row === undefined || row.entry_hash === null ? null : { number: row.access_number, hash: row.entry_hash };
}

async function hashAt(database: Kysely<Database>, trail: AuditTrailName, number: number): Promise<string | null> {
  if (trail === "patients")
    return (await database.selectFrom("patient_audit").select("entry_hash").where("entry_number", "=", number).executeTakeFirst())?.entry_hash ?? null;
  return (await database.selectFrom("accesses").select("entry_hash").where("access_number", "=", number).executeTakeFirst())?.entry_hash ?? null;
}
