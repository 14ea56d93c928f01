import { sql } from "kysely";
import { z } from "zod";
import { classOf } from "../../model/custody/index.ts";
import { RELEASE_STAGES, signedResultsSchema } from "../../model/quality/index.ts";
import type { CertificateOfAnalysis } from "../../model/quality/index.ts";
import { foldBatchRecord } from "../../model/quality/batch-record.ts";
import { certificatePdf } from "../batch/certificate-pdf.ts";
import { journeySpecification } from "../batch/journey-specifications.ts";
import { loadControlRecipe, loadEntries } from "../batch/load-record.ts";
import { recordResults } from "../batch/record-results.ts";
import { openResults, openResultsReason } from "../../store/sealed-batch.ts";
import { journeyCipher } from "../../store/vault/index.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { anyJourney, refuseErased, visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { journeyPath, nameSchema, rfc3339 } from "../schemas/common.ts";

const statusSchema = z.enum(["recorded", "proving", "proven", "unprovable"]);
const recordedSchema = z.strictObject({
  resultsCommitment: z.string(),
  certificateHash: z.string(),
  meetsSpecification: z.boolean(),
  status: statusSchema,
  exceptions: z.array(z.strictObject({ code: z.string(), class: z.string(), subject: z.string(), observed: z.string(), limit: z.string(), unit: z.string(), message: z.string() })),
});
const certificateQuery = z.strictObject({ specification: nameSchema.optional(), stage: z.enum(RELEASE_STAGES).optional() });

/** Laboratory results: signed by the laboratory, proven without showing them, certified for those who may read them. */
export function batchResultOperations(parts: OracleParts): Operation[] {
  const { database, ledger } = parts;

  const sheet = operation({
    operationId: "getBatchWorksheet",
    method: "get",
    path: "/journeys/{journeyId}/batch-worksheet",
    tag: "batch",
    summary: "What a laboratory needs to sign results: specifications, batch, phases, and the place on the ledger",
    parameters: journeyPath,
    responses: {
      200: { description: "The worksheet.", schema: z.looseObject({ batch: z.string() }) },
      404: { description: "No such journey." },
      409: { description: "No recipe is bound, or a specification is not registered." },
      410: { description: "Erased on the subject's request." },
    },
    async handle({ path }) {
      const journey = await anyJourney(database, path.journeyId);
      refuseErased(journey);
      const control = await loadControlRecipe(database, path.journeyId);
      if (control === undefined) throw problem(409, "no-control-recipe", "no recipe is bound to this journey yet; the manufacturer posts its control recipe first");
      const entries = (await loadEntries(database, path.journeyId)).filter(({ batch }) => batch === control.batch).map(({ entry }) => entry);
      const seconds = (time: string | null) => (time === null ? null : Math.floor(Date.parse(time) / 1000));
      const phases = foldBatchRecord(control, entries).phases.map(({ phase, startedAt, endedAt }) => ({ phase, startedAt: seconds(startedAt), completedAt: seconds(endedAt) }));
      const specifications = await Promise.all(journey.flow.specifications.map(({ name }) => journeySpecification(database, journey, name)));
      const body = { journeyId: path.journeyId, batch: control.batch, chainId: ledger.chainId.toString(), contract: ledger.addresses.batchProofs, phases, specifications };
      return { status: 200, body };
    },
  });

  const post = operation({
    operationId: "recordBatchResults",
    method: "post",
    path: "/journeys/{journeyId}/batch-results",
    tag: "batch",
    summary: "Record a laboratory's signed results; good ones are proven, others become exceptions",
    parameters: journeyPath,
    body: signedResultsSchema,
    responses: {
      200: { description: "On record already.", schema: recordedSchema },
      201: { description: "Recorded. What does not meet the specification is named; there is no proof of it.", schema: recordedSchema },
      403: { description: "The signing key is not the caller's." },
      404: { description: "No such journey or specification." },
      409: { description: "The specification is not registered, or no recipe is bound." },
      410: { description: "Erased on the subject's request." },
    },
    async handle({ path, body, caller }) {
      const journey = await anyJourney(database, path.journeyId);
      refuseErased(journey);
      const recorded = await recordResults(database, ledger, journey, body, caller as ParticipantCaller);
      parts.onOperation();
      parts.onBatchResults();
      const { isNew, exceptions, ...rest } = recorded;
      const named = exceptions.map((exception) => ({ ...exception, class: classOf(exception.code) }));
      return { status: isNew ? 201 : 200, body: { ...rest, meetsSpecification: exceptions.length === 0, exceptions: named } };
    },
  });

  const list = operation({
    operationId: "listBatchResults",
    method: "get",
    path: "/journeys/{journeyId}/batch-results",
    tag: "batch",
    summary: "Laboratory records of a journey and their proofs, without the results",
    parameters: journeyPath,
    responses: { 200: { description: "The records.", schema: z.strictObject({ results: z.array(z.looseObject({ specification: z.string() })) }) }, 404: { description: "No such journey." } },
    async handle({ path, caller }) {
      const journey = await visibleJourney(database, caller, path.journeyId);
      const rows = await database
        .selectFrom("batch_results")
        .leftJoin("chain_batch_proofs", "chain_batch_proofs.results_commitment", "batch_results.results_commitment")
        .leftJoin("ledger_operations", (join) =>
          join.on("ledger_operations.idempotency_key", "=", sql<string>`'batch-proof:' || batch_results.results_commitment`),
        )
        .select(["batch_results.specification_number as number", "batch_results.stage as stage", "giai", "batch_results.signed_at as signedAt"])
        .select(["batch_results.results_commitment as commitment", "batch_results.certificate_hash as certificateHash", "batch_results.status as status"])
        .select(["batch_results.journey_id as journey_id", "batch_results.results_commitment as results_commitment", "sealed_reason", "ledger_operations.error as ledgerError", "chain_batch_proofs.transaction_hash as transactionHash", "proving_seconds as provingSeconds"])
        .where("batch_results.journey_id", "=", path.journeyId)
        .orderBy("received_at_milliseconds")
        .execute();
      const cipher = await journeyCipher(database, [path.journeyId]);
      const results = rows.map((row) => ({
        specification: journey.flow.specifications[row.number]?.name ?? String(row.number),
        stage: row.stage,
        laboratory: row.giai,
        signedAt: rfc3339(row.signedAt),
        resultsCommitment: row.commitment,
        certificateHash: row.certificateHash,
        status: row.status,
        reason: openResultsReason(cipher, row) ?? row.ledgerError,
        provingSeconds: row.provingSeconds,
        onLedger: row.transactionHash !== null,
        transactionHash: row.transactionHash,
      }));
      return { status: 200, body: { results } };
    },
  });

  const certificate = operation({
    operationId: "getCertificateOfAnalysis",
    method: "get",
    path: "/journeys/{journeyId}/certificate-of-analysis",
    tag: "batch",
    summary: "The newest certificate of analysis, as JSON or PDF, with the hash the ledger knows",
    parameters: journeyPath,
    query: certificateQuery,
    queryDocument: certificateQuery,
    responses: {
      200: { description: "The certificate (Accept: application/json or application/pdf).", schema: z.looseObject({ certificateHash: z.string() }) },
      404: { description: "No such journey, or no results are recorded." },
      410: { description: "Erased on the subject's request." },
      406: { description: "Neither JSON nor PDF is accepted." },
    },
    async handle({ path, query, caller, header }) {
      const journey = await visibleJourney(database, caller, path.journeyId);
      refuseErased(journey);
      let rows = database
        .selectFrom("batch_results")
        .leftJoin("chain_batch_proofs", "chain_batch_proofs.results_commitment", "batch_results.results_commitment")
        .select(["sealed_results", "batch_results.journey_id as journey_id", "batch_results.results_commitment as results_commitment"])
        .select(["batch_results.certificate_hash as hash", "transaction_hash"])
        .where("batch_results.journey_id", "=", path.journeyId);
      if (query.specification !== undefined) {
        const number = journey.flow.specifications.findIndex(({ name }) => name === query.specification);
        rows = rows.where("batch_results.specification_number", "=", number);
      }
      if (query.stage !== undefined) rows = rows.where("batch_results.stage", "=", query.stage);
      const row = await rows.orderBy("received_at_milliseconds", "desc").executeTakeFirst();
      const kept = row === undefined ? null : openResults(await journeyCipher(database, [path.journeyId]), row);
      if (row === undefined || kept === null)
        throw problem(404, "no-certificate", "no laboratory results of this kind are recorded for this journey");
      const written = JSON.parse(kept.certificate) as CertificateOfAnalysis;
      const headers = { ETag: `"${row.hash}"`, Vary: "Accept" };
      const accepted = header("accept") ?? "*/*";
      if (/application\/pdf/i.test(accepted)) return { status: 200, headers, mediaType: "application/pdf", body: await certificatePdf(written, row.hash) };
      if (!/(\*\/\*|application\/(\*|json))/i.test(accepted)) throw problem(406, "not-acceptable", "a certificate is answered as application/json or application/pdf");
      const onLedger = row.transaction_hash === null ? null : { resultsCommitment: row.results_commitment, transactionHash: row.transaction_hash };
      return { status: 200, headers, body: { certificate: written, certificateHash: row.hash, ledger: onLedger } };
    },
  });

  return [sheet, post, list, certificate];
}
