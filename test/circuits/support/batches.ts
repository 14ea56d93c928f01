import { createDeviceSigningKey } from "../../../services/model/condition/device-key.ts";
import type { DeviceSigningKey } from "../../../services/model/condition/device-key.ts";
import { signFieldElement } from "../../../services/model/condition/eddsa-poseidon.ts";
import { poseidonChain } from "../../../services/model/condition/poseidon.ts";
import type { CircuitInputs } from "../../../services/model/circuit-inputs.ts";
import { FIELD_ORDER } from "../../../services/model/field.ts";
import { batchReleaseInputs, signBatchResults, specificationDocumentHash, specificationSchema } from "../../../services/model/quality/index.ts";
import type { BatchReleaseStatement, BatchResults, Specification, TestResult } from "../../../services/model/quality/index.ts";
import { known } from "./known.ts";

export const laboratoryKey: DeviceSigningKey = createDeviceSigningKey(new Uint8Array(32).fill(21));
export const otherLaboratoryKey: DeviceSigningKey = createDeviceSigningKey(new Uint8Array(32).fill(22));

const STARTED_AT = 1_780_000_000;
const HOUR_SECONDS = 3600;

/** A made-up autologous product: limits on both sides, on one, none, findings either way, one late test, one optional. */
export const testSpecification: Specification = specificationSchema.parse({
  name: "autologous-release",
  version: 3,
  recipeHash: `0x${"ab".repeat(32)}`,
  tests: [
    { test: "viabilityPercent", title: "Viability", kind: "numeric", unit: "%", decimals: 1, minimum: "70.0", mandatory: true },
    { test: "vectorCopyNumber", title: "Vector copies per cell", kind: "numeric", unit: "{copies}/{cell}", decimals: 2, minimum: "0.02", maximum: "4.99", mandatory: true },
    { test: "endotoxin", title: "Endotoxin", kind: "numeric", unit: "[EU]/mL", decimals: 2, maximum: "0.50", mandatory: true },
    { test: "cellCount", title: "Total nucleated cells", kind: "numeric", unit: "10*6", decimals: 0, mandatory: true },
    { test: "sterility", title: "Sterility", kind: "qualitative", expected: "negative", mandatory: true, late: true },
    { test: "identity", title: "Construct by PCR", kind: "qualitative", expected: "positive", mandatory: true },
    { test: "osmolalityShift", title: "Shift of osmolality", kind: "numeric", unit: "mosm/kg", decimals: 0, minimum: "-5", maximum: "5", mandatory: false },
  ],
  phases: ["thaw", "activate", "transduce", "expand", "harvest"].map((phase) => ({ phase, title: phase })),
});

/** Sixteen tests and thirty-two phases: every place of the circuit taken. */
export const fullSpecification: Specification = specificationSchema.parse({
  name: "full",
  version: 1,
  recipeHash: `0x${"cd".repeat(32)}`,
  tests: Array.from({ length: 16 }, (_, place) => ({ test: `test-${place}`, title: `Test ${place}`, kind: "numeric", unit: "%", decimals: 2, minimum: "1.00", maximum: "99.99", mandatory: true })),
  phases: Array.from({ length: 32 }, (_, place) => ({ phase: `phase-${place}`, title: `Phase ${place}` })),
});

/** A passing result for a test. */
function goodResult(test: Specification["tests"][number]): TestResult {
  if (test.kind === "qualitative") return { test: test.test, qualifier: test.expected };
  return { test: test.test, qualifier: "equal", value: test.minimum ?? test.maximum ?? "0", unit: test.unit };
}

/** A record in which everything is in order: an hour a phase, half an hour between them. */
export function goodRecord(specification: Specification = testSpecification, changes: Partial<BatchResults> = {}): BatchResults {
  const phases = specification.phases.map(({ phase }, place) => {
    const startedAt = STARTED_AT + place * 1.5 * HOUR_SECONDS;
    return { phase, startedAt, completedAt: startedAt + HOUR_SECONDS };
  });
  return {
    specificationHash: specificationDocumentHash(specification),
    stage: "final",
    signedAt: STARTED_AT + 100 * HOUR_SECONDS,
    salt: "3c".repeat(31),
    results: specification.tests.map(goodResult),
    phases,
    ...changes,
  };
}

type WithoutTest<Result> = Result extends unknown ? Omit<Result, "test"> : never;

/** A record with one test's result replaced, or left out. */
export function withResult(record: BatchResults, test: string, result: WithoutTest<TestResult> | null): BatchResults {
  const others = record.results.filter((candidate) => candidate.test !== test);
  return { ...record, results: result === null ? others : [...others, { ...result, test } as TestResult] };
}

export function batchStatement(changes: Partial<BatchReleaseStatement> = {}): BatchReleaseStatement {
  return { specification: testSpecification, record: goodRecord(), context: 4321n, publicKey: laboratoryKey.publicKey, ...changes };
}

export function honestBatchInputs(changes: Partial<BatchReleaseStatement> = {}): CircuitInputs {
  const statement = batchStatement(changes);
  return batchReleaseInputs({ ...statement, signature: signBatchResults(statement.specification, statement.record, statement.context, laboratoryKey.privateKey) });
}

const list = (inputs: CircuitInputs, name: string): bigint[] => (inputs[name] as string[]).map(BigInt);
const field = (value: bigint): bigint => ((value % FIELD_ORDER) + FIELD_ORDER) % FIELD_ORDER;

/** The specification commitment of whatever field elements stand in the inputs; the packing is written out anew here. */
export function specifiedAnew(inputs: CircuitInputs): CircuitInputs {
  const [minimum, maximum, isMandatory] = [list(inputs, "minimum"), list(inputs, "maximum"), list(inputs, "isMandatory")];
  const criteria = minimum.map((low, place) => field(low + known(maximum[place]) * 2n ** 64n + known(isMandatory[place]) * 2n ** 128n));
  return { ...inputs, specificationCommitment: String(poseidonChain([BigInt(inputs.documentDigest as string), ...criteria])) };
}

/** What a colluding laboratory could do: signs whatever field elements stand in the inputs, without any of the model's checks. */
export function batchSignedAnew(inputs: CircuitInputs, key: DeviceSigningKey = laboratoryKey): CircuitInputs {
  const results = list(inputs, "value").map(
    (value, place) => value + known(list(inputs, "isLessThan")[place]) * 2n ** 64n + known(list(inputs, "isGreaterThan")[place]) * 2n ** 65n + known(list(inputs, "isPresent")[place]) * 2n ** 66n,
  );
  const phases = list(inputs, "startedAt").map((started, place) => started + known(list(inputs, "completedAt")[place]) * 2n ** 40n);
  const packed = (items: bigint[], bits: bigint): bigint[] =>
    Array.from({ length: Math.ceil(items.length / 3) }, (_, group) => field(items.slice(3 * group, 3 * group + 3).reduce((sum, item, place) => sum + item * 2n ** (bits * BigInt(place)), 0n)));
  const one = (name: string): bigint => BigInt(inputs[name] as string);
  const message = poseidonChain([one("context"), one("specificationCommitment"), one("signedAt"), one("salt"), ...packed(results, 67n), ...packed(phases, 80n)]);
  const { R8, S } = signFieldElement(key.privateKey, message);
  return {
    ...inputs,
    resultsCommitment: String(message),
    publicKey: key.publicKey.map(String),
    laboratoryKeyCommitment: String(key.commitment),
    signatureR: R8.map(String),
    signatureS: String(S),
  };
}
