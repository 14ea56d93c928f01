import type { Transaction } from "kysely";
import { EXCEPTION_STAGES, isProposal } from "../model/custody/exception-lifecycle.ts";
import type { ChainExceptionTransitionRow } from "../store/chain-schema.ts";
import type { Database } from "../store/schema.ts";

type LoggedTransition = Omit<ChainExceptionTransitionRow, "position">;

/** Gives each transition its place among those of its exception. */
export async function transitionRows(
  transaction: Transaction<Database>,
  transitions: readonly LoggedTransition[],
): Promise<ChainExceptionTransitionRow[]> {
  if (transitions.length === 0) return [];
  const known = await transaction
    .selectFrom("chain_exception_transitions")
    .select(({ fn }) => ["journey_id", "number", fn.countAll<number>().as("count")])
    .where("journey_id", "in", transitions.map((transition) => transition.journey_id))
    .groupBy(["journey_id", "number"])
    .execute();
  const next = new Map(known.map((row) => [`${row.journey_id}:${row.number}`, Number(row.count)]));
  return transitions.map((transition) => {
    const key = `${transition.journey_id}:${transition.number}`;
    const position = next.get(key) ?? 0;
    next.set(key, position + 1);
    return { ...transition, position };
  });
}

/** Moves an exception as `ExceptionRegister.advance` did. */
export async function advanceRow(transaction: Transaction<Database>, transition: LoggedTransition): Promise<void> {
  const stage = EXCEPTION_STAGES[transition.to_stage] ?? "detected";
  const isApproval = stage === "resolved" || stage === "accepted";
  await transaction
    .updateTable("chain_exceptions")
    .set({
      stage: transition.to_stage,
      ...(isApproval ? { outcome: transition.to_stage } : {}),
      ...(isProposal(stage) ? { proposer: transition.signer } : {}),
    })
    .where("journey_id", "=", transition.journey_id)
    .where("number", "=", transition.number)
    .execute();
}
