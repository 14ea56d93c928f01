import { stepNumber } from "../../model/custody/index.ts";
import type { FlowLeg } from "../../model/custody/index.ts";
import { proposeInterval } from "../../proving/interval-proposal.ts";
import type { IntervalProposal } from "../../proving/interval-proposal.ts";
import { createLegRules } from "../../proving/leg-rules.ts";
import { askLedger } from "../journeys/ask-ledger.ts";
import type { Journey } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";

/** The interval of a leg to accept next, as the ledger and what was received stand now; a text says why there is none. */
export async function nextInterval(
  { database, ledger }: OracleParts,
  journey: Journey,
  definition: FlowLeg,
  leg: number,
): Promise<IntervalProposal | string> {
  const journeyId = journey.journey_id;
  return askLedger(async () => {
    const [coveredUntil] = (await ledger.read("conditionProofs", "coveredUntil", [journeyId, leg])) as unknown as [bigint];
    const end = stepNumber(journey.flow, definition.to);
    const [endedAt] = (await ledger.read("custodyLedger", "stepOccurredAt", [journeyId, end])) as unknown as [bigint];
    const rules = await createLegRules(database, { chainId: ledger.chainId, conditionProofs: ledger.addresses.conditionProofs })(journeyId, leg);
    return proposeInterval(
      database,
      { journeyId, leg, coveredUntil: Number(coveredUntil), endedAt: endedAt === 0n ? null : Number(endedAt) },
      rules,
    );
  });
}
