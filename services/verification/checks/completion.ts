import { counted } from "./check.ts";
import type { Check } from "./check.ts";

/** Every gate of the flow is released: a journey still under way is not compliant yet. */
export const completionCheck: Check = {
  name: "completion",
  async run({ history }) {
    const { flow, state } = history;
    const problems = flow.gates.flatMap((gate, number) =>
      state.releasedGates.has(number) ? [] : [`gate ${gate.gate} is not released`],
    );
    if (flow.gates.length === 0) {
      const missing = flow.steps.filter((_, number) => !state.recordedSteps.has(number));
      problems.push(...missing.map(({ step }) => `step ${step} is not recorded, and the flow has no gate that could waive it`));
    }
    return { problems, detail: `${counted(flow.gates.length, "gate")} released` };
  },
};
