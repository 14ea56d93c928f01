import { join } from "node:path";
import { id } from "ethers";
import { batchContext } from "../../../services/model/quality/certificate.ts";
import { batchReleaseInputs, batchResultsCommitment, signBatchResults, specificationCommitment, specificationDocument, specificationDocumentHash } from "../../../services/model/quality/index.ts";
import type { BatchResults, Specification } from "../../../services/model/quality/index.ts";
import { proofToCalldata } from "../../../services/proving/prover/proof-calldata.ts";
import { createProverPool } from "../../../services/proving/prover/prover-pool.ts";
import { goodRecord, laboratoryKey, testSpecification } from "../../circuits/support/batches.ts";
import { testFlow } from "./flow.ts";
import type { Threadline } from "./threadline.ts";

const ROOT = join(import.meta.dirname, "../../..");
export const LABORATORY = id("laboratory key");
export const CERTIFICATE = id("certificate");
export const STAGE = { none: 0, first: 1, final: 2 };

/** The test flow with a specification, and its acceptance gate asking for it. */
export const batchFlow = {
  ...testFlow,
  specifications: [{ name: "release", documentHash: specificationDocumentHash(testSpecification) }],
  gates: testFlow.gates.map((gate, index) => (index === 0 ? { ...gate, requiredSpecifications: ["release"] } : gate)),
};

export interface SubmittedBatch {
  stage: number;
  laboratory: string;
  resultsCommitment: bigint;
  signedAt: number;
  certificateHash: string;
  proofA: [bigint, bigint];
  proofB: [[bigint, bigint], [bigint, bigint]];
  proofC: [bigint, bigint];
}

/** Enrols the laboratory's key, qualified around the present, and registers the specification. */
export async function openBatch(threadline: Threadline, journeyId: string): Promise<number> {
  const { ledger, devices, specifications, actors, now } = threadline;
  const present = await now();
  await ledger.openJourney(journeyId, 1, id("identity"));
  await devices.enrol(LABORATORY, actors.laboratory.participantId, ...laboratoryKey.publicKey, id("message key"), 0);
  await devices.recordCalibration(LABORATORY, present - 86_400, present + 86_400);
  await specifications.register(specificationDocument(testSpecification), commitmentsOf(testSpecification));
  return present;
}

export function commitmentsOf(specification: Specification) {
  return { firstStage: specificationCommitment(specification, "first"), finalStage: specificationCommitment(specification, "final") };
}

/** A record signed at `signedAt`, whose phases all lie before it. */
export function recordAt(signedAt: number, stage: BatchResults["stage"] = "final"): BatchResults {
  const start = signedAt - 100_000;
  const phases = testSpecification.phases.map(({ phase }, place) => ({ phase, startedAt: start + 100 * place, completedAt: start + 100 * place + 50 }));
  const record = goodRecord(testSpecification, { signedAt, stage, phases });
  return stage === "final" ? record : { ...record, results: record.results.filter(({ test }) => test !== "sterility") };
}

/** Proves records, one process for all. */
export async function proveBatches(
  options: { chainId: bigint; batchProofs: string; journeyId: string; specification: number },
  records: readonly BatchResults[],
): Promise<SubmittedBatch[]> {
  const context = batchContext({ ...options, contract: options.batchProofs, certificateHash: CERTIFICATE });
  const pool = await createProverPool({ workers: 1, circuitsDirectory: join(ROOT, "circuits"), buildDirectory: join(ROOT, "build/circuits"), circuits: ["batch-release"] });
  try {
    const proven: SubmittedBatch[] = [];
    for (const record of records) {
      const signature = signBatchResults(testSpecification, record, context, laboratoryKey.privateKey);
      const { proof } = await pool.prove("batch-release", batchReleaseInputs({ specification: testSpecification, record, context, publicKey: laboratoryKey.publicKey, signature }));
      const { a, b, c } = proofToCalldata(proof);
      proven.push({
        stage: STAGE[record.stage],
        laboratory: LABORATORY,
        resultsCommitment: batchResultsCommitment(testSpecification, record, context),
        signedAt: record.signedAt,
        certificateHash: CERTIFICATE,
        proofA: a,
        proofB: b,
        proofC: c,
      });
    }
    return proven;
  } finally {
    await pool.close();
  }
}
