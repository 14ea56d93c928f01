import { gateNumber } from "./flow.ts";
import type { FlowDefinition } from "./flow.ts";

/** One thing a therapy passes on its way. */
export interface Milestone {
  kind: "step" | "gate";
  name: string;
  title: string;
  status: "reached" | "pending";
  /** Unix seconds; null while it is pending. */
  reachedAt: number | null;
}

/** What the ledger recorded, by the number of step or gate; times are Unix seconds. */
export interface ReachedMilestones {
  steps: ReadonlyMap<number, number>;
  gates: ReadonlyMap<number, number>;
}

/** A flow's steps in their order, each gate after the last step it requires; and what of it was reached. */
export function milestonesOf(flow: FlowDefinition, reached: ReachedMilestones): Milestone[] {
  const milestone = (kind: Milestone["kind"], name: string, title: string, reachedAt: number | undefined): Milestone => ({
    kind,
    name,
    title,
    status: reachedAt === undefined ? "pending" : "reached",
    reachedAt: reachedAt ?? null,
  });
  const gatesAfter = (step: number) =>
    flow.gates
      .filter((gate) => Math.max(...gate.requiredSteps.map((name) => flow.steps.findIndex((planned) => planned.step === name)), 0) === step)
      .map(({ gate, title }) => milestone("gate", gate, title, reached.gates.get(gateNumber(flow, gate))));
  return flow.steps.flatMap(({ step, title }, number) => [milestone("step", step, title, reached.steps.get(number)), ...gatesAfter(number)]);
}
