import { flowSchema } from "../../../services/model/custody/flow.ts";

/** Collection, transport in one watched leg, receipt, tests, a gate, and a step behind the gate. */
export const FLOW = flowSchema.parse({
  name: "verification-test",
  version: 1,
  lateEntryToleranceSeconds: 86_400,
  handoverToleranceSeconds: 1_800,
  profiles: [
    {
      name: "cool",
      minimumTemperatureCelsius: 2,
      maximumTemperatureCelsius: 8,
      temperatureBudgetSeconds: 0,
      tiltLimitDegrees: 45,
      tiltBudgetSeconds: 600,
      longestGapSeconds: 300,
      longestDurationSeconds: 86_400,
    },
  ],
  steps: [
    { step: "collect", title: "Collected", roles: ["apheresis-centre"], custody: "take" },
    { step: "hand-over", title: "Released to the courier", roles: ["apheresis-centre"], custody: "release", after: ["collect"] },
    { step: "pick-up", title: "Accepted by the courier", roles: ["logistics-provider"], custody: "accept", after: ["hand-over"] },
    { step: "deliver", title: "Delivered to the dock", roles: ["logistics-provider"], custody: "release", after: ["pick-up"] },
    {
      step: "receive",
      title: "Accepted by the manufacturer",
      roles: ["manufacturing-site"],
      custody: "accept",
      identityCheck: "one-person",
      after: ["deliver"],
      within: [{ of: "collect", seconds: 172_800 }],
    },
    { step: "test", title: "Tests within specification", roles: ["manufacturing-site"], custody: "hold", after: ["receive"] },
    {
      step: "pack",
      title: "Packed for the patient",
      roles: ["manufacturing-site"],
      custody: "hold",
      after: ["test"],
      requiredGate: "certification",
    },
  ],
  legs: [{ leg: "inbound", from: "pick-up", to: "receive", profile: "cool", shipper: true }],
  gates: [
    {
      gate: "certification",
      title: "Certification by the qualified person",
      roles: ["qualified-person"],
      requiredSteps: ["receive", "test"],
      requiredLegs: ["inbound"],
    },
  ],
});
