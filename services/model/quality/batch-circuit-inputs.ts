import { toCircuitInputs } from "../circuit-inputs.ts";
import type { CircuitInputs } from "../circuit-inputs.ts";
import type { EddsaSignature, Point } from "../condition/eddsa-poseidon.ts";
import { ThreadlineError } from "../errors.ts";
import { batchResultsCommitment, encodeBatchResults, laboratoryKeyCommitment, verifyBatchResults } from "./batch-results.ts";
import type { BatchResults } from "./batch-results.ts";
import { evaluateBatch } from "./evaluate-batch.ts";
import { BATCH_RELEASE } from "./signals.generated.ts";
import type { BatchReleaseSignals } from "./signals.generated.ts";
import { circuitCriteria, specificationCommitment, specificationDigest } from "./specification.ts";
import type { Specification } from "./specification.ts";

/** What the circuit `batch-release` states, with what stays private. */
export interface BatchReleaseStatement {
  specification: Specification;
  record: BatchResults;
  /** See `batchContext`. */
  context: bigint;
  /** The laboratory's public key. */
  publicKey: Point;
}

/**
 * The five public signals by name and in the circuit's order. Throws `batch-not-provable` with the failures in `details` when the
 * batch does not meet its specification, and as `encodeBatchResults` does.
 */
export function batchReleasePublicSignals({ specification, record, context, publicKey }: BatchReleaseStatement): { named: BatchReleaseSignals; ordered: bigint[] } {
  const { failures } = evaluateBatch(specification, record);
  if (failures.length > 0)
    throw new ThreadlineError("batch-not-provable", `the batch does not meet ${specification.name} version ${specification.version} (${failures.map(({ kind }) => kind).join(", ")}); record an exception instead`, {
      failures,
    });
  const named: BatchReleaseSignals = {
    context,
    laboratoryKeyCommitment: laboratoryKeyCommitment(publicKey),
    specificationCommitment: specificationCommitment(specification, record.stage),
    resultsCommitment: batchResultsCommitment(specification, record, context),
    signedAt: BigInt(record.signedAt),
  };
  return { named, ordered: BATCH_RELEASE.publicSignals.map((name) => named[name]) };
}

/** All inputs of the circuit `batch-release`. Throws `signature-invalid` for another's signature, and as `batchReleasePublicSignals` does. */
export function batchReleaseInputs(statement: BatchReleaseStatement & { signature: EddsaSignature }): CircuitInputs {
  const { specification, record, context, publicKey, signature } = statement;
  const { named } = batchReleasePublicSignals(statement);
  if (!verifyBatchResults(specification, record, context, signature, publicKey))
    throw new ThreadlineError("signature-invalid", "the signature is not the laboratory's over this record, specification and context");
  const criteria = circuitCriteria(specification, record.stage);
  const { results, startedAt, completedAt } = encodeBatchResults(specification, record);
  return toCircuitInputs({
    ...named,
    documentDigest: specificationDigest(specification),
    minimum: criteria.map(({ minimum }) => minimum),
    maximum: criteria.map(({ maximum }) => maximum),
    isMandatory: criteria.map(({ isMandatory }) => Number(isMandatory)),
    value: results.map(({ value }) => value),
    isLessThan: results.map(({ isLessThan }) => Number(isLessThan)),
    isGreaterThan: results.map(({ isGreaterThan }) => Number(isGreaterThan)),
    isPresent: results.map(({ isPresent }) => Number(isPresent)),
    startedAt,
    completedAt,
    salt: BigInt(`0x${record.salt}`),
    publicKey,
    signatureR: signature.R8,
    signatureS: signature.S,
  });
}
