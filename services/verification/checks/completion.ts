import { counted } from "./check.ts";
import { isWaived } from "./releases.ts";
import type { Check } from "./check.ts";

/** Every gate of the flow is released, or waived by an exceptional release: a journey still under way is not compliant yet. */
export const completionCheck: Check = {
  name: "completion",
  async run({ history }) {
    const { flow, state, disposition } = history;
    const waived = flow.gates.filter(({ gate }, number) => !state.releasedGates.has(number) && isWaived(flow, gate, disposition.state));
    const problems = flow.gates.flatMap((gate, number) =>
      state.releasedGates.has(number) || waived.includes(gate) ? [] : [`gate ${gate.gate} is not released`],
    );
    if (flow.gates.length === 0) {
      const missing = flow.steps.filter((_, number) => !state.recordedSteps.has(number));
      problems.push(...missing.map(({ step }) => `step ${step} is not recorded, and the flow has no gate that could waive it`));
    }
    const without = waived.length === 0 ? "" : `, ${waived.map(({ gate }) => gate).join(", ")} waived by an exceptional release`;
    return { problems, detail: `${counted(flow.gates.length - waived.length, "gate")} released${without}` };
  },
};
