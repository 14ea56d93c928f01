import { keccak256, toUtf8Bytes } from "ethers";
import { deviceKeyCommitment } from "../../model/condition/device-key.ts";
import { bitmapToRoles } from "../../model/custody/roles.ts";
import { FIELD_ORDER } from "../../model/field.ts";
import { ThreadlineError } from "../../model/errors.ts";
import { batchContext } from "../../model/quality/certificate.ts";
import { RELEASE_STAGES, specificationCommitment, specificationSchema } from "../../model/quality/specification.ts";
import type { Specification } from "../../model/quality/specification.ts";
import { decodeSubmitBatch } from "../batch-calldata.ts";
import type { HistoryBatchProof, JourneyHistory } from "../history.ts";
import type { BatchProven, SpecificationRegistered } from "../ledger-events.ts";
import { unfitReason } from "../registry-state.ts";
import { verifyProof } from "../verify-proof.ts";
import { counted } from "./check.ts";
import type { Check, CheckContext } from "./check.ts";

/**
 * The batch met what the flow asks: each specification's commitments are recomputed from its document, each proof is
 * verified anew with the local key for signals made here, and its key was a testing laboratory's, qualified when it signed.
 */
export const batchCheck: Check = {
  name: "batch",
  async run(context) {
    const { history } = context;
    const named = history.flow.specifications;
    const problems: string[] = [];
    const documents = new Map<string, Specification>();
    for (const { name, documentHash } of named) {
      const registered = history.specifications.get(documentHash);
      if (registered === undefined) {
        if (history.batchProofs.some(({ log }) => log.documentHash === documentHash)) problems.push(`specification ${name} was never registered`);
        continue;
      }
      const read = readSpecification(registered);
      if (typeof read === "string") problems.push(`specification ${name}: ${read}`);
      else documents.set(documentHash, read);
    }
    for (const proof of history.batchProofs)
      problems.push(...(await proofProblems(context, proof, documents)).map((problem) => `${proofName(history, proof.log)}: ${problem}`));
    const detail = `${counted(history.batchProofs.length, "batch proof")} of ${counted(named.length, "specification")} verified against the local key`;
    return { problems, detail };
  },
};

/** The specification behind a registration; text says why the registration cannot be believed. */
function readSpecification(registered: SpecificationRegistered): Specification | string {
  if (keccak256(toUtf8Bytes(registered.document)) !== registered.documentHash) return "the document is not the one that its hash names";
  let specification: Specification;
  try {
    specification = specificationSchema.parse(JSON.parse(registered.document));
  } catch {
    return "the document is no specification";
  }
  const [first, final] = RELEASE_STAGES.map((stage) => specificationCommitment(specification, stage));
  if (first !== registered.firstStageCommitment || final !== registered.finalStageCommitment) return "the commitments registered are not those of the document";
  return specification;
}

async function proofProblems(
  { rpc, history, addresses, verificationKeys }: CheckContext,
  { log, device, owner }: HistoryBatchProof,
  documents: ReadonlyMap<string, Specification>,
): Promise<string[]> {
  const problems: string[] = [];
  if (history.flow.specifications[log.specification]?.documentHash !== log.documentHash) problems.push("it is of another specification than the flow names");
  const unfit = unfitReason(device, log.signedAt, log.signedAt);
  if (unfit !== null) problems.push(`the laboratory's key was not fit: ${unfit}`);
  // A stolen key dates as it likes: what is revoked by now counts whatever the time of signing.
  const revokedFrom = history.registry.device(log.laboratory)?.revokedFrom ?? null;
  if (revokedFrom !== null && revokedFrom <= log.signedAt) problems.push("the laboratory's key is revoked from before it signed");
  if (owner === null || owner.suspended || !bitmapToRoles(owner.roles).includes("testing-laboratory"))
    problems.push("the key's owner had no duty as a testing laboratory");
  const specification = documents.get(log.documentHash);
  const stage = RELEASE_STAGES[log.stage - 1];
  if (specification === undefined || device === null || stage === undefined) return [...problems, "its signals cannot be made"];
  const submitted = await readSubmitted(rpc, log, addresses.batchProofs);
  if (!isOf(submitted, history.journeyId, log)) return [...problems, "its transaction submits another proof"];
  const signals = [
    batchContext({ chainId: history.chainLog.chainId, contract: addresses.batchProofs, journeyId: history.journeyId, specification: log.specification, certificateHash: log.certificateHash }),
    deviceKeyCommitment(device.publicKey),
    specificationCommitment(specification, stage),
    log.resultsCommitment,
    BigInt(log.signedAt),
  ];
  const holds = signals.every((signal) => signal < FIELD_ORDER) && (await verifyProof(verificationKeys["batch-release"], signals, submitted.proof));
  return holds ? problems : [...problems, "the proof does not hold for the specification, the laboratory and the certificate"];
}

async function readSubmitted(rpc: CheckContext["rpc"], log: BatchProven, contract: string) {
  const transaction = await rpc.call<{ to: string | null; input: string } | null>("eth_getTransactionByHash", [log.transactionHash]);
  if (transaction?.to?.toLowerCase() !== contract.toLowerCase())
    throw new ThreadlineError("calldata-unknown", `transaction ${log.transactionHash} was not sent to ${contract} directly: its proof cannot be read`, { hash: log.transactionHash });
  return decodeSubmitBatch(transaction.input);
}

function isOf(claim: ReturnType<typeof decodeSubmitBatch>, journeyId: string, log: BatchProven): boolean {
  return (
    claim.journeyId === journeyId &&
    claim.specification === log.specification &&
    claim.stage === log.stage &&
    claim.laboratory === log.laboratory &&
    claim.resultsCommitment === log.resultsCommitment &&
    claim.signedAt === log.signedAt &&
    claim.certificateHash === log.certificateHash
  );
}

function proofName(history: JourneyHistory, log: BatchProven): string {
  return `specification ${history.flow.specifications[log.specification]?.name ?? log.specification}`;
}
