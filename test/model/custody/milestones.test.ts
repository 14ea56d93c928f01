import { expect, it } from "vitest";
import { flowSchema, milestonesOf } from "../../../services/model/custody/index.ts";

const FLOW = flowSchema.parse({
  name: "milestones",
  version: 1,
  lateEntryToleranceSeconds: 60,
  handoverToleranceSeconds: 60,
  profiles: [],
  steps: ["collect", "make", "treat"].map((step) => ({ step, title: `To ${step}`, roles: ["treatment-centre"], custody: "none" })),
  legs: [],
  gates: [
    { gate: "certify", title: "Certified", roles: ["qualified-person"], requiredSteps: ["make", "collect"] },
    { gate: "close", title: "Closed", roles: ["qualified-person"], requiredSteps: ["treat"] },
  ],
});

it("stands each gate after the last step it requires, and says of each what was reached when", () => {
  const milestones = milestonesOf(FLOW, { steps: new Map([[0, 100], [255, 300]]), gates: new Map([[0, 200]]) });
  expect(milestones.map(({ kind, name, status, reachedAt }) => [kind, name, status, reachedAt])).toEqual([
    ["step", "collect", "reached", 100],
    ["step", "make", "pending", null],
    ["gate", "certify", "reached", 200],
    ["step", "treat", "pending", null],
    ["gate", "close", "pending", null],
  ]);
});
