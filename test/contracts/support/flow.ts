import { flowSchema } from "../../../services/model/custody/flow.ts";
import type { FlowDefinition } from "../../../services/model/custody/flow.ts";

export const HOUR = 3600;

/** A small flow that has one of everything the ledger judges: custody moves, limits, a leg, gates, a repeatable step. */
export const testFlow: FlowDefinition = flowSchema.parse({
  name: "test-flow",
  version: 1,
  lateEntryToleranceSeconds: 12 * HOUR,
  handoverToleranceSeconds: 2 * HOUR,
  profiles: [
    {
      name: "cool",
      minimumTemperatureCelsius: 2,
      maximumTemperatureCelsius: 8,
      temperatureBudgetSeconds: 600,
      tiltLimitDegrees: 45,
      tiltBudgetSeconds: 300,
      longestGapSeconds: 600,
      longestDurationSeconds: 48 * HOUR,
    },
  ],
  steps: [
    { step: "collect", title: "Collect", roles: ["apheresis-centre"], custody: "take" },
    { step: "hand-over", title: "Hand over", roles: ["apheresis-centre"], custody: "release", after: ["collect"] },
    { step: "pick-up", title: "Pick up", roles: ["logistics-provider"], custody: "accept", after: ["hand-over"] },
    {
      step: "deliver",
      title: "Deliver",
      roles: ["logistics-provider"],
      custody: "release",
      after: ["pick-up"],
      within: [{ of: "hand-over", seconds: 40 * HOUR }, { of: "collect", seconds: 48 * HOUR }],
    },
    { step: "receive", title: "Receive", roles: ["manufacturing-site"], custody: "accept", after: ["deliver"] },
    { step: "observe", title: "Observe", roles: ["logistics-provider", "auditor"], custody: "none", repeatable: true, identityCheck: "two-person" },
    {
      step: "manufacture",
      title: "Manufacture",
      roles: ["manufacturing-site"],
      custody: "hold",
      after: ["receive"],
      requiredGate: "incoming",
    },
  ],
  legs: [{ leg: "inbound", from: "hand-over", to: "receive", profile: "cool" }],
  gates: [
    { gate: "incoming", title: "Incoming", roles: ["qualified-person"], requiredSteps: ["receive"], requiredLegs: ["inbound"] },
    {
      gate: "certification",
      title: "Certification",
      roles: ["qualified-person"],
      requiredSteps: ["manufacture"],
      requiredGates: ["incoming"],
      ownKey: true,
    },
  ],
  specifications: [{ name: "release", documentHash: `0x${"5a".repeat(32)}` }],
});

/** Step numbers of `testFlow` by name. */
export const STEP = { collect: 0, handOver: 1, pickUp: 2, deliver: 3, receive: 4, observe: 5, manufacture: 6 } as const;
