import type { Kysely } from "kysely";
import {
  DISPOSITION_DECISIONS,
  EXCEPTIONAL_RELEASE_STEPS,
  authorityNotificationDueAt,
  bitmapToRoles,
  decideDisposition,
  nextDispositionNumber,
  noDisposition,
  takeExceptionalReleaseStep,
} from "../../model/custody/index.ts";
import type { DispositionState } from "../../model/custody/index.ts";
import { reasonsOf } from "../../store/reasons.ts";
import type { Database } from "../../store/schema.ts";
import { sees } from "../http/caller.ts";
import type { Caller } from "../http/caller.ts";
import { rfc3339 } from "../schemas/common.ts";
import type { Journey } from "../journeys/visible.ts";

/** Who answers for the batch or the patient, and who watches over them, reads why. */
export function readsReasons(caller: Caller): boolean {
  return sees(caller, "quality");
}

async function entriesOf(database: Kysely<Database>, journeyId: string) {
  return database
    .selectFrom("chain_dispositions")
    .leftJoin("chain_participants", "chain_participants.participant_index", "chain_dispositions.participant_index")
    .leftJoin("chain_accounts", "chain_accounts.account", "chain_dispositions.signer")
    .leftJoin("participants", "participants.participant_id", "chain_participants.participant_id")
    .select([
      "number", "kind", "value", "signer", "chain_dispositions.reason_hash", "signed_at", "recorded_at", "hosted",
      "chain_participants.participant_id", "gln", "name",
    ])
    .where("chain_dispositions.journey_id", "=", journeyId)
    .orderBy("number")
    .execute();
}

type Entry = Awaited<ReturnType<typeof entriesOf>>[number];

/** Where a journey's disposition stands by what the ledger recorded, with the rows it was made of. */
export async function dispositionState(
  database: Kysely<Database>,
  journey: Journey,
): Promise<{ state: DispositionState; entries: Entry[] }> {
  const entries = await entriesOf(database, journey.journey_id);
  const { recalls } = await database
    .selectFrom("chain_recalls")
    .select((select) => select.fn.countAll<number>().as("recalls"))
    .where("journey_id", "=", journey.journey_id)
    .executeTakeFirstOrThrow();
  let state: DispositionState = noDisposition;
  for (const [place, entry] of entries.entries()) {
    // An entry's number counts the recalls before it too.
    state = apply({ ...state, recalls: entry.number - place }, entry, journey.flow.authorityNotificationSeconds);
  }
  return { state: { ...state, recalls: Number(recalls) }, entries };
}

/** What the ledger recorded was lawful when it was; duties may have changed since, so all are granted. */
function apply(state: DispositionState, entry: Entry, notificationSeconds: number): DispositionState {
  const roles = bitmapToRoles(0xffff);
  const actor = { participant: entry.participant_id ?? "", roles };
  const decision = DISPOSITION_DECISIONS[entry.value];
  const step = EXCEPTIONAL_RELEASE_STEPS[entry.value];
  const outcome =
    entry.kind === "decision" && decision !== undefined
      ? decideDisposition(state, decision, actor, entry.recorded_at)
      : entry.kind === "step" && step !== undefined
        ? takeExceptionalReleaseStep(state, step, actor, entry.recorded_at, notificationSeconds)
        : { refusal: "out-of-order" as const };
  if ("state" in outcome) return outcome.state;
  throw new RangeError(`entry ${entry.number} of a recorded disposition is refused here: ${outcome.refusal}`);
}

/** The disposition as people read it, with the authority's running clock at `now` (Unix seconds). */
export async function dispositionView(database: Kysely<Database>, journey: Journey, caller: Caller, now: number) {
  const { state, entries } = await dispositionState(database, journey);
  const onLedger = await database
    .selectFrom("chain_journeys")
    .select("head")
    .where("journey_id", "=", journey.journey_id)
    .executeTakeFirst();
  const reasons = readsReasons(caller) ? await reasonsOf(database, "disposition_reasons", journey.journey_id) : null;
  return {
    journeyId: journey.journey_id,
    decision: state.decision,
    exceptionalRelease: state.stage,
    recalled: state.recalls !== state.recallsJudged,
    /** What the next signature carries. */
    next: { number: nextDispositionNumber(state), head: onLedger?.head ?? null },
    authorityNotification: clockOf(state, journey.flow.authorityNotificationSeconds, now),
    history: entries.map((entry) => ({
      number: entry.number,
      kind: entry.kind,
      what: (entry.kind === "decision" ? DISPOSITION_DECISIONS : EXCEPTIONAL_RELEASE_STEPS)[entry.value] ?? String(entry.value),
      by: { gln: entry.gln, name: entry.name },
      signer: entry.signer,
      hostedKey: entry.hosted ?? false,
      reason: reasons?.get(entry.reason_hash)?.reason ?? null,
      reasonHash: entry.reason_hash,
      signedAt: rfc3339(entry.signed_at),
      recordedAt: rfc3339(entry.recorded_at),
    })),
  };
}

function clockOf(state: DispositionState, notificationSeconds: number, now: number) {
  const dueAt = authorityNotificationDueAt(state, notificationSeconds);
  if (dueAt === null || state.exceptionalReleaseAt === null) return null;
  const notifiedAt = state.authorityNotifiedAt;
  const inTime = (notifiedAt ?? now) <= dueAt;
  const status = notifiedAt === null ? (inTime ? "running" : "overdue") : inTime ? "in-time" : "late";
  return {
    status: status as "running" | "overdue" | "in-time" | "late",
    releasedAt: rfc3339(state.exceptionalReleaseAt),
    dueAt: rfc3339(dueAt),
    secondsLeft: notifiedAt === null ? dueAt - now : null,
    notifiedAt: notifiedAt === null ? null : rfc3339(notifiedAt),
    acknowledged: state.stage === "authority-acknowledged",
  };
}
