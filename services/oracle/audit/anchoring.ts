import type { Kysely } from "kysely";
import type { Logger } from "pino";
import type { LedgerClient } from "../../ledger/client.ts";
import type { Failure } from "../../schedule/failure-record.ts";
import { createWorkLoop } from "../../schedule/work-loop.ts";
import { anchoredTrail, anchorState, anchorTrails } from "../../store/audit-anchors.ts";
import type { AnchorState, AuditTrailName } from "../../store/audit-anchors.ts";
import type { Database } from "../../store/schema.ts";

export interface AuditAnchoring {
  /** Asks the ledger now; returns how many trails grew since. */
  anchor(): Promise<number>;
  /** Why it does not get on; null while it does. */
  failure(): Failure | null;
  close(): Promise<void>;
}

interface Parts {
  database: Kysely<Database>;
  logger: Logger;
  onOperation: () => void;
}

const DAY_MILLISECONDS = 86_400_000;
const LOOK_MILLISECONDS = 30_000;

/** Anchors the audit trails on the ledger every so often, and at the close of each day (UTC). */
export function createAuditAnchoring({ everyMilliseconds }: { everyMilliseconds: number }, parts: Parts): AuditAnchoring {
  let anchoredAt = Date.now();

  async function anchor(): Promise<number> {
    anchoredAt = Date.now();
    const asked = await anchorTrails(parts.database);
    if (asked > 0) parts.onOperation();
    return asked;
  }

  const loop = createWorkLoop({
    name: "anchors of the audit trails",
    async step() {
      if (isDue(anchoredAt, Date.now(), everyMilliseconds)) await anchor();
      return "idle";
    },
    everyMilliseconds: Math.min(everyMilliseconds, LOOK_MILLISECONDS),
    restsFirst: true,
    logger: parts.logger,
  });
  loop.start();
  return { anchor, failure: loop.failure, close: loop.close };
}

/** Whether the time is over, or a day ended since. Unix milliseconds. */
export function isDue(anchoredAt: number, now: number, everyMilliseconds: number): boolean {
  return now - anchoredAt >= everyMilliseconds || Math.floor(now / DAY_MILLISECONDS) > Math.floor(anchoredAt / DAY_MILLISECONDS);
}

export interface AnchorView {
  state: AnchorState | "unreadable";
  /** Entries of the trail when it was anchored last. */
  entries: number;
  /** Unix seconds; null without an anchor. */
  anchoredAt: number | null;
}

/** A trail beside its last anchor, read from the ledger itself. */
export async function anchorOf(database: Kysely<Database>, ledger: LedgerClient, trail: AuditTrailName): Promise<AnchorView> {
  let answer: unknown;
  try {
    [answer] = await ledger.read("auditAnchors", "anchorOf", [anchoredTrail(database, trail)]);
  } catch {
    // Whether the ledger is there, the health report says; a trail is not whole for want of it, nor broken.
    return { state: "unreadable", entries: 0, anchoredAt: null };
  }
  const [count, anchoredAt, head] = answer as [bigint, bigint, string];
  const anchor = { count: Number(count), anchoredAt: Number(anchoredAt), head };
  return {
    state: await anchorState(database, trail, anchor),
    entries: anchor.count,
    anchoredAt: anchor.count === 0 ? null : anchor.anchoredAt,
  };
}
