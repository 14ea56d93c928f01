import type { Kysely, Transaction } from "kysely";
import type { LedgerClient } from "../../ledger/client.ts";
import { canonicalJson } from "../../model/canonical-json.ts";
import { ThreadlineError } from "../../model/errors.ts";
import { batchResultsCommitment, certifiedContext, evaluateBatch, specificationCommitment, verifyResults } from "../../model/quality/index.ts";
import type { SignedResults } from "../../model/quality/index.ts";
import { foldBatchRecord } from "../../model/quality/batch-record.ts";
import { phaseMismatches, resultExceptions } from "../../model/quality/result-exceptions.ts";
import type { ResultException } from "../../model/quality/result-exceptions.ts";
import { recordException } from "../../store/exception-details.ts";
import type { Database } from "../../store/schema.ts";
import { sealResults } from "../../store/sealed-batch.ts";
import { journeyCipher } from "../../store/vault/index.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { problem } from "../http/problem.ts";
import type { Journey } from "../journeys/visible.ts";
import { journeySpecification, resultsPlace } from "./journey-specifications.ts";
import type { JourneySpecification } from "./journey-specifications.ts";
import { loadControlRecipe, loadEntries } from "./load-record.ts";

export interface RecordedResults {
  isNew: boolean;
  resultsCommitment: string;
  certificateHash: string;
  status: "recorded" | "proving" | "proven" | "unprovable";
  exceptions: ResultException[];
}

/**
 * Records a laboratory's signed results. A record that meets its specification waits for its proof; one that does not is a
 * fact with its exceptions beside it, and never has one. What is not signed by the caller's enrolled key is refused.
 */
export async function recordResults(
  database: Kysely<Database>,
  ledger: LedgerClient,
  journey: Journey,
  signed: SignedResults,
  caller: ParticipantCaller,
): Promise<RecordedResults> {
  const found = await journeySpecification(database, journey, signed.specification);
  const { specification } = found;
  requireStage(found, signed);
  const publicKey = await laboratoryKey(database, signed.laboratory, caller);
  const place = resultsPlace(ledger, journey.journey_id, found, signed.batch, signed.laboratory);
  const judged = attempt(() => {
    if (!verifyResults(place, signed, publicKey))
      throw problem(400, "signature-invalid", "the signature is not the laboratory's over this record, journey, specification and certificate; sign it with the enrolled key");
    const { certificate, hash, context } = certifiedContext(place, signed.record);
    const { failures } = evaluateBatch(specification, signed.record);
    return { certificate, hash, failures, commitment: batchResultsCommitment(specification, signed.record, context).toString() };
  });
  const exceptions = [
    ...resultExceptions(specification, judged.failures),
    ...(await disagreements(database, journey.journey_id, signed)),
  ];
  const status = exceptions.length === 0 ? ("proving" as const) : ("recorded" as const);
  const row = {
    results_commitment: judged.commitment,
    journey_id: journey.journey_id,
    specification_number: found.number,
    stage: signed.record.stage,
    giai: signed.laboratory,
    signed_at: signed.record.signedAt,
    certificate_hash: judged.hash,
    status,
    attempts: 0,
    posted_by: caller.participantId,
    received_at_milliseconds: Date.now(),
  };
  const kept = { body: canonicalJson(signed), certificate: canonicalJson(judged.certificate) };
  const reason = status === "proving" ? null : exceptions.map(({ code, subject }) => `${code}: ${subject}`).join("; ");
  const stored = await database.transaction().execute(async (transaction) => {
    const cipher = await journeyCipher(transaction, [journey.journey_id]);
    const inserted = await transaction
      .insertInto("batch_results")
      .values({ ...row, ...sealResults(cipher, row, kept, reason) })
      .onConflict((conflict) => conflict.doNothing())
      .returning("status")
      .executeTakeFirst();
    if (inserted === undefined) return retried(transaction, judged.commitment);
    for (const exception of exceptions) await raise(transaction, journey.journey_id, signed, judged.commitment, exception);
    return { isNew: true, status };
  });
  return { ...stored, resultsCommitment: judged.commitment, certificateHash: judged.hash, exceptions };
}

/** A specification without late tests has one stage: that is how the ledger reads its proof. */
function requireStage({ specification, name }: JourneySpecification, { record }: SignedResults): void {
  const hasStages = specificationCommitment(specification, "first") !== specificationCommitment(specification, "final");
  if (record.stage === "first" && !hasStages)
    throw problem(400, "stage-invalid", `the specification "${name}" has no late test, so its results are of the final stage`);
}

async function laboratoryKey(database: Kysely<Database>, giai: string, caller: ParticipantCaller): Promise<[bigint, bigint]> {
  const device = await database.selectFrom("devices").selectAll().where("giai", "=", giai).executeTakeFirst();
  if (device?.owner_participant_id !== caller.participantId)
    throw problem(403, "not-owner", `${giai} is no enrolled signing key of ${caller.name}; have the operator enrol it first`);
  return [BigInt(device.public_key_x), BigInt(device.public_key_y)];
}

function attempt<Value>(judge: () => Value): Value {
  try {
    return judge();
  } catch (error) {
    if (error instanceof ThreadlineError) throw problem(400, error.code, error.message, error.details);
    throw error;
  }
}

/** Where the laboratory's record and the manufacturer's batch record say different things. */
async function disagreements(database: Kysely<Database>, journeyId: string, signed: SignedResults): Promise<ResultException[]> {
  const control = await loadControlRecipe(database, journeyId);
  if (control === undefined)
    throw problem(409, "no-control-recipe", "no recipe is bound to this journey, so no batch is known; the manufacturer posts its control recipe first");
  if (control.batch !== signed.batch) {
    const message = `The laboratory's results are of the batch ${signed.batch}, which is not this journey's.`;
    return [{ code: "identity-mismatch", subject: signed.batch, observed: signed.batch, limit: control.batch, unit: "batch", message }];
  }
  const entries = (await loadEntries(database, journeyId)).filter(({ batch }) => batch === control.batch).map(({ entry }) => entry);
  return phaseMismatches(signed.record, foldBatchRecord(control, entries).phases);
}

/** Known already. One whose proof the ledger refused, for a reason that may have passed, is proven and submitted again. */
async function retried(transaction: Transaction<Database>, commitment: string) {
  const { status } = await transaction.selectFrom("batch_results").select("status").where("results_commitment", "=", commitment).executeTakeFirstOrThrow();
  const refused = await transaction
    .selectFrom("ledger_operations")
    .select("operation_number")
    .where("idempotency_key", "=", `batch-proof:${commitment}`)
    .where("status", "=", "refused")
    .executeTakeFirst();
  if (refused === undefined || status !== "proven") return { isNew: false, status };
  await transaction.updateTable("batch_results").set({ status: "proving" }).where("results_commitment", "=", commitment).execute();
  return { isNew: false, status: "proving" as const };
}

async function raise(transaction: Transaction<Database>, journeyId: string, signed: SignedResults, commitment: string, exception: ResultException): Promise<void> {
  const { subject, ...values } = exception;
  await recordException(transaction, {
    ...values,
    journeyId,
    leg: null,
    occurredAt: signed.record.signedAt,
    key: `results:${commitment}:${subject}`,
  });
}
