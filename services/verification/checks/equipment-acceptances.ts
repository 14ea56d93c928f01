import { EQUIPMENT_ACCEPTANCE_TYPES } from "../../model/custody/disposition-typed-data.ts";
import { EQUIPMENT_CODES } from "../../model/custody/equipment.ts";
import type { HistoryEquipmentAcceptance, JourneyHistory } from "../history.ts";
import type { CheckContext } from "./check.ts";
import { blockTimes, signedAcceptanceProblems } from "./signed-acceptance.ts";

/** What is wrong with acceptances of shippers and lanes: each was signed, under an accepted exception of what it names. */
export async function equipmentAcceptanceProblems({ rpc, history }: CheckContext): Promise<string[]> {
  const { equipmentAcceptances } = history;
  const timeOf = await blockTimes(rpc, equipmentAcceptances.map(({ log }) => log.blockNumber));
  return equipmentAcceptances.flatMap((acceptance) => {
    const { leg, code, blockNumber } = acceptance.log;
    const name = `leg ${history.flow.legs[leg]?.leg ?? leg}: acceptance of ${code}`;
    return problemsOf(history, acceptance, timeOf(blockNumber)).map((problem) => `${name}: ${problem}`);
  });
}

function problemsOf(history: JourneyHistory, acceptance: HistoryEquipmentAcceptance, recordedAt: number): string[] {
  const { log, participant, exception, status, assignments, isLegOver } = acceptance;
  const { leg, assigned, exceptionNumber, signedAt } = log;
  if (history.flow.legs[leg] === undefined) return ["the flow has no such leg"];
  const value = { journeyId: history.journeyId, leg, assignments: assigned, exceptionNumber, signedAt };
  const contract = history.addresses.equipmentRegistry;
  const problems = signedAcceptanceProblems(history, { log, participant, exception, contract, types: EQUIPMENT_ACCEPTANCE_TYPES, value, recordedAt });
  if (exception !== null && exception.code !== log.code) problems.push(`exception ${exceptionNumber} is one of ${exception.code}`);
  if (!Object.hasOwn(EQUIPMENT_CODES, log.code)) problems.push("it is of neither shippers nor lanes");
  if (!isLegOver) problems.push("the leg was not over");
  if (assigned !== assignments) problems.push(`the leg had ${assignments} shippers, ${assigned} were signed for`);
  if (status === "compliant" || status === "completed") problems.push("there was nothing to accept");
  return problems;
}
