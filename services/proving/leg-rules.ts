import type { Kysely } from "kysely";
import { segmentContext, timeUnitSeconds } from "../model/condition/index.ts";
import type { ConditionProfile } from "../model/condition/index.ts";
import { flowSchema, profileOfLeg } from "../model/custody/index.ts";
import { ThreadlineError } from "../model/errors.ts";
import type { Database } from "../store/schema.ts";

/** What a leg's proofs must state. */
export interface LegRules {
  profile: ConditionProfile;
  context: bigint;
  unitSeconds: number;
}

export type LegRulesOf = (journeyId: string, leg: number) => Promise<LegRules>;

/** Reads a leg's rules from its journey's flow; a journey's flow never changes, so each is read once. */
export function createLegRules(database: Kysely<Database>, ledger: { chainId: bigint; conditionProofs: string }): LegRulesOf {
  const known = new Map<string, Promise<LegRules>>();

  async function load(journeyId: string, leg: number): Promise<LegRules> {
    const { document } = await database
      .selectFrom("journeys")
      .innerJoin("flows", "flows.document_hash", "journeys.flow_document_hash")
      .select("flows.document")
      .where("journeys.journey_id", "=", journeyId)
      .executeTakeFirstOrThrow();
    const flow = flowSchema.parse(JSON.parse(document));
    const definition = flow.legs[leg];
    if (definition === undefined) throw new ThreadlineError("leg-unknown", `journey ${journeyId} has no leg number ${leg}`, { journeyId, leg });
    const profile = profileOfLeg(flow, definition);
    return {
      profile,
      context: segmentContext({ chainId: ledger.chainId, contract: ledger.conditionProofs, journeyId, leg }),
      unitSeconds: timeUnitSeconds(profile.longestGapSeconds),
    };
  }

  return (journeyId, leg) => {
    const key = `${journeyId}:${leg}`;
    let rules = known.get(key);
    if (rules === undefined) {
      rules = load(journeyId, leg);
      rules.catch(() => known.delete(key));
      known.set(key, rules);
    }
    return rules;
  };
}
