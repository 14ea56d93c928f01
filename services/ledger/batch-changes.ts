import { RELEASE_STAGES } from "../model/quality/specification.ts";
import type { ChainChanges } from "./chain-changes.ts";
import type { LogEntry } from "./log-entry.ts";

/** What the logs of specifications and batch proofs do to the read model. */
export const BATCH_COLLECTORS: Record<string, (changes: ChainChanges, entry: LogEntry) => void> = {
  SpecificationRegistered(changes, { event: { args } }) {
    const document_hash = args["documentHash"] as string;
    changes.specifications.push({
      document_hash,
      first_stage_commitment: String(args["firstStageCommitment"]),
      final_stage_commitment: String(args["finalStageCommitment"]),
      document: args["document"] as string,
    });
    changes.keys.push(`specification:${document_hash}`);
    changes.notifications.push({ type: "operation", journeyId: null, data: { kind: "register-specification", documentHash: document_hash } });
  },
  BatchProven(changes, { event: { args }, blockNumber, transactionHash }) {
    const journey_id = args["journeyId"] as string;
    const specification_number = Number(args["specification"]);
    const stage = RELEASE_STAGES[Number(args["stage"]) - 1] ?? "final";
    const certificate_hash = args["certificateHash"] as string;
    changes.batchProofs.push({
      journey_id,
      specification_number,
      stage,
      document_hash: args["documentHash"] as string,
      device_id: args["laboratory"] as string,
      results_commitment: String(args["resultsCommitment"]),
      signed_at: Number(args["signedAt"]),
      certificate_hash,
      block_number: blockNumber,
      transaction_hash: transactionHash,
    });
    changes.keys.push(`batch-proof:${journey_id}:${specification_number}:${stage}`);
    const data = { kind: "submit-batch-proof", specification: specification_number, stage, certificateHash: certificate_hash, transactionHash };
    changes.notifications.push({ type: "operation", journeyId: journey_id, data });
  },
};
