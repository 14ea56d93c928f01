import { stepNumber } from "../../model/custody/flow.ts";
import { isLaneQualified, isShipperQualified } from "../../model/custody/equipment.ts";
import type { JourneyHistory } from "../history.ts";
import { isoTime } from "../registry-state.ts";
import { counted } from "./check.ts";
import type { Check } from "./check.ts";
import { equipmentAcceptanceProblems } from "./equipment-acceptances.ts";

/**
 * Every leg under way that the flow wants in a shipper goes in a qualified one over a qualified lane, also by what is known only
 * now, and whatever was not qualified when it was assigned has its exception beside it; or a qualified person accepted it, signed and justified.
 */
export const equipmentCheck: Check = {
  name: "equipment",
  async run(context) {
    const { history } = context;
    const { flow, journeyId, equipment } = history;
    const accepted: string[] = [];
    const problems: string[] = [];
    let assigned = 0;
    flow.legs.forEach((leg, number) => {
      const assignments = equipment.assignmentsOf(journeyId, number);
      assigned += assignments.length;
      const status = equipment.statusOfLeg(flow, journeyId, number, history.state.recordedSteps);
      const started = history.state.recordedSteps.has(stepNumber(flow, leg.from));
      if (status === "completed") accepted.push(`leg ${leg.leg} accepted under exception ${exceptionsNamed(history, number)}`);
      else if (leg.shipper && started && assignments.length === 0) problems.push(`leg ${leg.leg} has started without a shipper`);
      else if (leg.shipper && status === "not-compliant") problems.push(`leg ${leg.leg}: shipper and lane are not compliant`);
      for (const assignment of assignments) {
        const { equipmentId, laneId, assignedAt } = assignment;
        const use = equipment.useOf(assignment);
        const missing = (code: string) => !hasException(history, code, number);
        if (!isShipperQualified(use.shipperQualifications, use.shipperUses, assignedAt, assignedAt) && missing("shipper-not-qualified"))
          problems.push(`leg ${leg.leg}: shipper ${equipmentId} was not qualified at ${isoTime(assignedAt)} and no exception says so`);
        if (!isLaneQualified(use.laneQualifications, assignedAt, assignedAt) && missing("lane-not-qualified"))
          problems.push(`leg ${leg.leg}: lane ${laneId} was not qualified at ${isoTime(assignedAt)} and no exception says so`);
      }
    });
    problems.push(...(await equipmentAcceptanceProblems(context)));
    const wanted = flow.legs.filter(({ shipper }) => shipper).length;
    const detail = [`${counted(assigned, "shipper")} on ${counted(wanted, "leg")} that asks for one`, ...accepted];
    return { problems, detail: detail.join("; ") };
  },
};

function exceptionsNamed({ equipmentAcceptances }: JourneyHistory, leg: number): string {
  return equipmentAcceptances.filter(({ log }) => log.leg === leg).map(({ log }) => log.exceptionNumber).join(" and ");
}

function hasException({ exceptions }: JourneyHistory, code: string, leg: number): boolean {
  return exceptions.some(({ log }) => log.code === code && log.leg === leg + 1);
}
