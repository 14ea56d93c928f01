import { AbiCoder, keccak256, toUtf8Bytes } from "ethers";
import { canonicalJson } from "../canonical-json.ts";
import type { ProofPlace } from "../proof-context.ts";
import { evaluateBatch } from "./evaluate-batch.ts";
import type { BatchFailure } from "./evaluate-batch.ts";
import type { BatchResults } from "./batch-results.ts";
import { specificationDocumentHash } from "./specification.ts";
import type { Specification, SpecifiedTest } from "./specification.ts";

/** One test on a certificate, as its reader sees it. */
export interface CertifiedTest {
  test: string;
  title: string;
  /** Acceptance criterion with its unit. */
  criterion: string;
  /** Result with its unit; "pending" for a late test of a first stage, "missing" for one that should be there. */
  result: string;
  verdict: "meets" | "fails" | "missing" | "pending" | "not-tested";
}

/**
 * A certificate of analysis (EU GMP Annex 16; ICH Q7 11.4): every test of the specification with criterion, result and
 * verdict. It is a function of specification and record alone, so laboratory, node and reader write the same one.
 */
export interface CertificateOfAnalysis {
  type: "certificate-of-analysis";
  version: 1;
  journeyId: string;
  batch: string;
  specification: { name: string; version: number; documentHash: string };
  stage: "first" | "final";
  /** GIAI of the laboratory's signing key. */
  laboratory: string;
  /** RFC 3339, by the laboratory's clock. */
  signedAt: string;
  tests: CertifiedTest[];
  phases: { phase: string; title: string; startedAt: string | null; completedAt: string | null }[];
  conclusion: "meets-specification" | "does-not-meet-specification";
  /** Derived from the record's secret salt: without it the hash on the ledger could be tried out over the few likely results. */
  salt: string;
}

export interface CertificateSource {
  journeyId: string;
  batch: string;
  laboratory: string;
  specification: Specification;
  record: BatchResults;
}

/** Writes the certificate of a laboratory's record, good or not. Throws as `encodeBatchResults` does. */
export function certificateOfAnalysis({ journeyId, batch, laboratory, specification, record }: CertificateSource): CertificateOfAnalysis {
  const { failures } = evaluateBatch(specification, record);
  const { name, version } = specification;
  return {
    type: "certificate-of-analysis",
    version: 1,
    journeyId,
    batch,
    specification: { name, version, documentHash: specificationDocumentHash(specification) },
    stage: record.stage,
    laboratory,
    signedAt: moment(record.signedAt),
    tests: specification.tests.map((test) => certifiedTest(test, record, failures)),
    phases: specification.phases.map(({ phase, title }) => {
      const run = record.phases.find((candidate) => candidate.phase === phase);
      return { phase, title, startedAt: optionalMoment(run?.startedAt), completedAt: optionalMoment(run?.completedAt) };
    }),
    conclusion: failures.length === 0 ? "meets-specification" : "does-not-meet-specification",
    salt: keccak256(toUtf8Bytes(`threadline/certificate/v1:${record.salt}`)),
  };
}

/** keccak-256 of the certificate's canonical JSON: what the laboratory signs within the context and the ledger records. */
export function certificateHash(certificate: CertificateOfAnalysis): string {
  return keccak256(toUtf8Bytes(canonicalJson(certificate)));
}

export interface BatchContextParts extends ProofPlace {
  /** Number of the specification in the journey's flow. */
  specification: number;
  certificateHash: string;
}

/**
 * What binds a record and its proof to chain, contract, journey, specification and certificate: twin of
 * `BatchProofs.context`. The laboratory signs it, so that nobody can put another certificate beside its proof.
 */
export function batchContext({ chainId, contract, journeyId, specification, certificateHash: hash }: BatchContextParts): bigint {
  const types = ["uint256", "address", "bytes32", "uint8", "bytes32"];
  return BigInt(keccak256(AbiCoder.defaultAbiCoder().encode(types, [chainId, contract, journeyId, specification, hash]))) >> 3n;
}

const SIGNS = { equal: "", "less-than": "less than ", "greater-than": "greater than " };

function certifiedTest(test: SpecifiedTest, record: BatchResults, failures: readonly BatchFailure[]): CertifiedTest {
  const { test: name, title } = test;
  const found = record.results.find((candidate) => candidate.test === name);
  const shown = { test: name, title, criterion: criterionText(test) };
  if (found === undefined) {
    if (failures.some((failure) => failure.kind === "test-missing" && failure.test === name)) return { ...shown, result: "missing", verdict: "missing" };
    const isPending = test.mandatory && test.late && record.stage === "first";
    return isPending ? { ...shown, result: "pending", verdict: "pending" } : { ...shown, result: "not tested", verdict: "not-tested" };
  }
  const result = "value" in found ? `${SIGNS[found.qualifier]}${found.value} ${found.unit}` : found.qualifier;
  return { ...shown, result, verdict: failures.some((failure) => "test" in failure && failure.test === name) ? "fails" : "meets" };
}

export function criterionText(test: SpecifiedTest): string {
  if (test.kind === "qualitative") return test.expected;
  const { minimum, maximum, unit } = test;
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum} ${unit}`;
  if (minimum !== undefined) return `at least ${minimum} ${unit}`;
  return maximum === undefined ? `report result in ${unit}` : `at most ${maximum} ${unit}`;
}

function moment(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function optionalMoment(seconds: number | null | undefined): string | null {
  return seconds === null || seconds === undefined ? null : moment(seconds);
}
