import type { Kysely, Selectable } from "kysely";
import type { Logger } from "pino";
import { deviceIdOf } from "../model/custody/identifiers.ts";
import { ThreadlineError } from "../model/errors.ts";
import { batchReleaseInputs, certifiedContext, signatureOf, signedResultsSchema, specificationSchema } from "../model/quality/index.ts";
import { enqueueOperation } from "../store/outbox.ts";
import type { Database } from "../store/schema.ts";
import type { BatchResultRow } from "../store/batch-schema.ts";
import { createProofQueue } from "./proof-queue.ts";
import type { ProofQueue } from "./proof-queue.ts";
import { openResults, sealResultsReason } from "../store/sealed-batch.ts";
import type { KeptResults } from "../store/sealed-batch.ts";
import { journeyCipher } from "../store/vault/index.ts";
import { proofToCalldata } from "./prover/proof-calldata.ts";
import type { ProverPool } from "./prover/prover-pool.ts";

export interface BatchCoordinatorSettings {
  chainId: bigint;
  /** Address of BatchProofs. */
  batchProofs: string;
  sweepMilliseconds?: number;
}

type Row = Selectable<BatchResultRow>;

/**
 * Proves laboratory results that meet their specification, one after the other, and puts each proof into the outbox in the
 * transaction that keeps it. Its state is in the database only: after a crash it goes on where it was.
 */
export function createBatchProvingCoordinator(
  settings: BatchCoordinatorSettings,
  parts: { database: Kysely<Database>; prover: ProverPool; logger: Logger; onOperation: () => void },
): ProofQueue {
  const { database, prover } = parts;
  async function prove(row: Row): Promise<void> {
    const cipher = await journeyCipher(database, [row.journey_id]);
    const kept = openResults(cipher, row);
    if (kept === null) return giveUp(row, null);
    const statement = await statementOf(row, kept);
    try {
      const { proof, provingSeconds } = await prover.prove("batch-release", batchReleaseInputs(statement));
      const { a, b, c } = proofToCalldata(proof);
      const calldata = { proofA: a.map(String), proofB: b.map((pair) => pair.map(String)), proofC: c.map(String) };
      await keep(row, calldata, provingSeconds);
    } catch (error) {
      const isFinal = error instanceof ThreadlineError && ["witness-refused", "batch-not-provable", "signature-invalid"].includes(error.code);
      if (!isFinal) throw error;
      await giveUp(row, sealResultsReason(cipher, row, error.message));
    }
  }

  /** Without a reason the results were erased before they were proven. */
  async function giveUp(row: Row, sealedReason: string | null): Promise<void> {
    await database
      .updateTable("batch_results")
      .set({ status: "unprovable", sealed_reason: sealedReason, attempts: row.attempts + 1 })
      .where("results_commitment", "=", row.results_commitment)
      .execute();
  }

  async function keep(row: Row, calldata: Record<string, unknown>, provingSeconds: number): Promise<void> {
    await database.transaction().execute(async (transaction) => {
      await transaction
        .updateTable("batch_results")
        .set({ status: "proven", proof: JSON.stringify(calldata), proving_seconds: provingSeconds, attempts: row.attempts + 1 })
        .where("results_commitment", "=", row.results_commitment)
        .execute();
      await enqueueOperation(transaction, {
        idempotencyKey: `batch-proof:${row.results_commitment}`,
        kind: "submit-batch-proof",
        journeyId: row.journey_id,
        payload: {
          journeyId: row.journey_id,
          specification: row.specification_number,
          stage: row.stage,
          laboratory: deviceIdOf(row.giai),
          resultsCommitment: row.results_commitment,
          signedAt: row.signed_at,
          certificateHash: row.certificate_hash,
          ...calldata,
        },
      });
    });
  }

  async function statementOf(row: Row, { body }: KeptResults) {
    const signed = signedResultsSchema.parse(JSON.parse(body));
    const { record, batch, laboratory } = signed;
    const { document } = await database.selectFrom("specifications").select("document").where("document_hash", "=", record.specificationHash).executeTakeFirstOrThrow();
    const device = await database.selectFrom("devices").selectAll().where("giai", "=", row.giai).executeTakeFirstOrThrow();
    const specification = specificationSchema.parse(JSON.parse(document));
    const place = {
      chainId: settings.chainId,
      contract: settings.batchProofs,
      journeyId: row.journey_id,
      specificationNumber: row.specification_number,
      specification,
      batch,
      laboratory,
    };
    const { context } = certifiedContext(place, record);
    const publicKey: [bigint, bigint] = [BigInt(device.public_key_x), BigInt(device.public_key_y)];
    return { specification, record, context, publicKey, signature: signatureOf(signed) };
  }

  return createProofQueue<Row>({
    what: "a batch's results",
    concurrency: 1,
    waiting: (limit) =>
      database.selectFrom("batch_results").selectAll().where("status", "=", "proving").orderBy("received_at_milliseconds").limit(limit).execute(),
    keyOf: (row) => row.results_commitment,
    async prove(row) {
      await prove(row);
      parts.onOperation();
    },
    logger: parts.logger,
    sweepMilliseconds: settings.sweepMilliseconds,
  });
}
