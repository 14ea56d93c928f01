import type { Kysely } from "kysely";
import type { z } from "zod";
import { EXCEPTION_STAGES, EXCEPTION_TRANSITIONS } from "../../model/custody/exception-lifecycle.ts";
import type { ExceptionStage } from "../../model/custody/exception-lifecycle.ts";
import { reasonsOf } from "../../store/reasons.ts";
import type { Database } from "../../store/schema.ts";
import type { transitionViewSchema } from "../schemas/exceptions.ts";
import { rfc3339 } from "../schemas/common.ts";

export type TransitionView = z.output<typeof transitionViewSchema>;

/** Stages in which nobody has reacted yet: the time to react runs. */
export const UNANSWERED_STAGES: readonly ExceptionStage[] = ["detected", "classified"];

export function stageAt(number: number): ExceptionStage {
  return EXCEPTION_STAGES[number] ?? "detected";
}

/** Whether the time to react passed and nobody took the exception under assessment. Times are Unix seconds. */
export function isOverdue(stage: ExceptionStage, dueAt: number, now: number): boolean {
  return now > dueAt && UNANSWERED_STAGES.includes(stage);
}

export function nextStages(stage: ExceptionStage): ExceptionStage[] {
  return [...EXCEPTION_TRANSITIONS[stage]];
}

/** Every transition of a journey's exceptions with its reason, where this node knows it, by exception number. */
export async function transitionsOf(database: Kysely<Database>, journeyId: string): Promise<Map<number, TransitionView[]>> {
  const rows = await database
    .selectFrom("chain_exception_transitions as transitions")
    .leftJoin("chain_participants", "chain_participants.participant_index", "transitions.participant_index")
    .leftJoin("participants", "participants.participant_id", "chain_participants.participant_id")
    .leftJoin("chain_accounts", "chain_accounts.account", "transitions.signer")
    .select([
      "transitions.number as number",
      "from_stage",
      "to_stage",
      "signer",
      "transitions.reason_hash as reasonHash",
      "signed_at",
      "recorded_at",
      "gln",
      "name",
      "hosted",
    ])
    .where("transitions.journey_id", "=", journeyId)
    .orderBy("transitions.number")
    .orderBy("position")
    .execute();
  const reasons = await reasonsOf(database, "exception_reasons", journeyId);
  const byNumber = new Map<number, TransitionView[]>();
  for (const row of rows) {
    const view: TransitionView = {
      from: stageAt(row.from_stage),
      to: stageAt(row.to_stage),
      by: { gln: row.gln, name: row.name },
      signer: row.signer,
      hosted: row.hosted ?? false,
      reason: reasons.get(row.reasonHash)?.reason ?? null,
      reasonSalt: reasons.get(row.reasonHash)?.salt ?? null,
      reasonHash: row.reasonHash,
      signedAt: rfc3339(row.signed_at),
      recordedAt: rfc3339(row.recorded_at),
    };
    byNumber.set(row.number, [...(byNumber.get(row.number) ?? []), view]);
  }
  return byNumber;
}
