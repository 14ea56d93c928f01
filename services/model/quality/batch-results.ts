import { z } from "zod";
import { deviceKeyCommitment } from "../condition/device-key.ts";
import { signFieldElement, verifyFieldElement } from "../condition/eddsa-poseidon.ts";
import type { EddsaSignature, Point } from "../condition/eddsa-poseidon.ts";
import { poseidonChain } from "../condition/poseidon.ts";
import { ThreadlineError } from "../errors.ts";
import { isFieldElement } from "../field.ts";
import { ABSENT_RESULT, encodeResult, testResultSchema } from "./result-encoding.ts";
import type { EncodedResult } from "./result-encoding.ts";
import { MOST_PHASES, MOST_TESTS, RELEASE_STAGES, specificationCommitment, specificationDocumentHash } from "./specification.ts";
import type { Specification } from "./specification.ts";

/** Unix seconds of 40 bits, not 0: the time 0 stands for "not recorded". */
const time = z.int().min(1).max(2 ** 40 - 1);

/** A phase of the recipe as it was run; null for a start or an end that is not recorded. */
export const phaseRecordSchema = z.strictObject({ phase: z.string().min(1).max(63), startedAt: time.nullable(), completedAt: time.nullable() });

/**
 * A laboratory's record of a batch under one specification: what it signs. An incomplete or failing record can be written and
 * signed like any other; it is a fact, and no proof of release follows from it.
 */
export const batchResultsSchema = z.strictObject({
  /** Hash of the specification's document, see `specificationDocumentHash`. */
  specificationHash: z.string().regex(/^0x[0-9a-f]{64}$/),
  stage: z.enum(RELEASE_STAGES),
  signedAt: time,
  /** 31 random bytes of the laboratory, hexadecimal; without them the few likely results could be tried out. */
  salt: z.string().regex(/^[0-9a-f]{62}$/, "a salt is 31 bytes in lower-case hexadecimal"),
  /** In any order, one for a test. */
  results: z.array(testResultSchema).max(MOST_TESTS),
  phases: z.array(phaseRecordSchema).max(MOST_PHASES),
});

export type BatchResults = z.output<typeof batchResultsSchema>;
export type PhaseRecord = z.output<typeof phaseRecordSchema>;

/** A record in the circuit's fixed places: those of the specification's tests and phases, then unused ones. */
export interface EncodedRecord {
  results: EncodedResult[];
  /** Unix seconds; 0 = not recorded. */
  startedAt: number[];
  completedAt: number[];
}

/**
 * Puts results and phases in the specification's order. Throws `batch-results-invalid` for a record of another specification, a test or
 * phase that the specification does not name, or one that is named twice; and as `encodeResult` does.
 */
export function encodeBatchResults(specification: Specification, record: BatchResults): EncodedRecord {
  const expected = specificationDocumentHash(specification);
  if (record.specificationHash !== expected) refuse(`the record is of the specification ${record.specificationHash}, this one is ${expected}`);
  const resultOf = byName("test", record.results.map((result) => [result.test, result]), specification.tests.map(({ test }) => test));
  const phaseOf = byName("phase", record.phases.map((phase) => [phase.phase, phase]), specification.phases.map(({ phase }) => phase));

  const results = Array.from({ length: MOST_TESTS }, (_, place) => {
    const test = specification.tests[place];
    const result = test === undefined ? undefined : resultOf.get(test.test);
    return test === undefined || result === undefined ? ABSENT_RESULT : encodeResult(test, result);
  });
  const startedAt = specification.phases.map(({ phase }) => phaseOf.get(phase)?.startedAt ?? 0);
  const completedAt = specification.phases.map(({ phase }) => phaseOf.get(phase)?.completedAt ?? 0);
  const unused = Array.from({ length: MOST_PHASES - specification.phases.length }, () => completedAt.at(-1) ?? 0);
  return { results, startedAt: [...startedAt, ...unused], completedAt: [...completedAt, ...unused] };
}

/**
 * The Poseidon commitment the laboratory signs, the public signal `resultsCommitment`: twin of
 * circuits/lib/results-commitment.circom. Throws as `encodeBatchResults` does.
 */
export function batchResultsCommitment(specification: Specification, record: BatchResults, context: bigint): bigint {
  if (!isFieldElement(context)) refuse(`the context ${context} is not below the field's order`);
  const { results, startedAt, completedAt } = encodeBatchResults(specification, record);
  const packedResults = inThrees(results).map((three) =>
    three.reduce((packed, { value, isLessThan, isGreaterThan, isPresent }, place) => packed | ((value | bit(isLessThan, 64n) | bit(isGreaterThan, 65n) | bit(isPresent, 66n)) << (67n * BigInt(place))), 0n),
  );
  const times = startedAt.map((started, place) => BigInt(started) | (BigInt(completedAt[place] ?? 0) << 40n));
  const packedPhases = inThrees(times).map((three) => three.reduce((packed, phase, place) => packed | (phase << (80n * BigInt(place))), 0n));
  const commitment = specificationCommitment(specification, record.stage);
  return poseidonChain([context, commitment, BigInt(record.signedAt), BigInt(`0x${record.salt}`), ...packedResults, ...packedPhases]);
}

/** The laboratory's signature; its private key has 32 bytes, see `createDeviceSigningKey`. */
export function signBatchResults(specification: Specification, record: BatchResults, context: bigint, privateKey: Uint8Array): EddsaSignature {
  return signFieldElement(privateKey, batchResultsCommitment(specification, record, context));
}

/** Verifies as the circuit does; false for every malformed key, point or scalar. Throws as `encodeBatchResults` does. */
export function verifyBatchResults(specification: Specification, record: BatchResults, context: bigint, signature: EddsaSignature, publicKey: Point): boolean {
  return verifyFieldElement(batchResultsCommitment(specification, record, context), signature, publicKey);
}

/** What the registry and the public signals hold instead of the laboratory's key: Poseidon(x, y). */
export function laboratoryKeyCommitment(publicKey: Point): bigint {
  return deviceKeyCommitment(publicKey);
}

function byName<Item>(kind: "test" | "phase", items: [string, Item][], known: string[]): Map<string, Item> {
  const named = new Map<string, Item>();
  for (const [name, item] of items) {
    if (!known.includes(name)) refuse(`the specification has no ${kind} "${name}", it has ${known.join(", ")}`);
    if (named.has(name)) refuse(`the ${kind} "${name}" is recorded twice`);
    named.set(name, item);
  }
  return named;
}

function inThrees<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / 3) }, (_, group) => items.slice(3 * group, 3 * group + 3));
}

function bit(isSet: boolean, place: bigint): bigint {
  return isSet ? 1n << place : 0n;
}

function refuse(message: string): never {
  throw new ThreadlineError("batch-results-invalid", message);
}
