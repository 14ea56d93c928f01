import {
  READINGS_PER_SEGMENT,
  conditionProfileSchema,
  createDeviceSigningKey,
  genesisBlinding,
  genesisState,
  segmentCircuitInputs,
  signSegment,
} from "../../services/model/condition/index.ts";
import type { CircuitInputs, CircuitName } from "../../services/model/circuit-inputs.ts";
import { identityLinkInputs } from "../../services/model/identity/index.ts";
import { MOST_PHASES, MOST_TESTS, batchReleaseInputs, signBatchResults, specificationDocumentHash, specificationSchema } from "../../services/model/quality/index.ts";
import type { BatchResults } from "../../services/model/quality/index.ts";

const CONTEXT = 1n;
const START = 1_780_000_000;
const key = createDeviceSigningKey(new Uint8Array(32).fill(7));

/** A made-up statement of each circuit with every place taken: what proving is measured with. */
export const SAMPLE_INPUTS: Readonly<Record<CircuitName, () => CircuitInputs>> = {
  "condition-segment": sampleSegment,
  "identity-link": () => identityLinkInputs({ context: CONTEXT, coi: "CHW123426000001", patient: "5a".repeat(31), blinding: 2n ** 247n + 1n, linkedBlinding: 2n ** 246n + 1n }),
  "batch-release": sampleBatch,
};

function sampleSegment(): CircuitInputs {
  const readings = Array.from({ length: READINGS_PER_SEGMENT }, (_, place) => ({ temperatureCentikelvin: 27_815 + (place % 50), tiltDegrees: place % 20, stepTicks: place === 0 ? 0 : 60 }));
  const segment = { context: CONTEXT, fromTick: START, salt: 1n, readings };
  const profile = conditionProfileSchema.parse({
    name: "sample",
    minimumTemperatureCelsius: 2,
    maximumTemperatureCelsius: 8,
    temperatureBudgetSeconds: 600,
    tiltLimitDegrees: 30,
    tiltBudgetSeconds: 60,
    longestGapSeconds: 120,
    longestDurationSeconds: 259_200,
  });
  return segmentCircuitInputs({ segment, signature: signSegment(segment, key), publicKey: key.publicKey, profile, stateBefore: { ...genesisState }, blindingBefore: genesisBlinding, blindingAfter: 1n });
}

function sampleBatch(): CircuitInputs {
  const specification = specificationSchema.parse({
    name: "sample",
    version: 1,
    recipeHash: `0x${"00".repeat(32)}`,
    tests: Array.from({ length: MOST_TESTS }, (_, place) => ({ test: `test-${place}`, title: `Test ${place}`, kind: "numeric", unit: "%", decimals: 1, minimum: "1.0", maximum: "99.0", mandatory: true })),
    phases: Array.from({ length: MOST_PHASES }, (_, place) => ({ phase: `phase-${place}`, title: `Phase ${place}` })),
  });
  const record: BatchResults = {
    specificationHash: specificationDocumentHash(specification),
    stage: "final",
    signedAt: START + 10_000 * MOST_PHASES,
    salt: "11".repeat(31),
    results: specification.tests.map(({ test }, place) => ({ test, qualifier: "equal", value: `${70 + place}.5`, unit: "%" })),
    phases: specification.phases.map(({ phase }, place) => ({ phase, startedAt: START + 10_000 * place, completedAt: START + 10_000 * place + 9000 })),
  };
  const signature = signBatchResults(specification, record, CONTEXT, key.privateKey);
  return batchReleaseInputs({ specification, record, context: CONTEXT, publicKey: key.publicKey, signature });
}
