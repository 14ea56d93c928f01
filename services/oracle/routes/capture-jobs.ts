import type { Selectable } from "kysely";
import { z } from "zod";
import type { Database } from "../../store/schema.ts";
import { journeyCipher, sealedCaptureErrors } from "../../store/vault/index.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { epcisProblem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { linkToNext, pageOf, pageQuery } from "../schemas/paging.ts";
import { momentText, rfc3339FromMilliseconds } from "../schemas/common.ts";

const captureJobSchema = z.strictObject({
  captureID: z.string(),
  createdAt: momentText,
  finishedAt: momentText.optional(),
  running: z.boolean(),
  success: z.boolean(),
  captureErrorBehaviour: z.enum(["rollback", "proceed"]),
  errors: z.array(z.unknown()),
});

/** Capture jobs of EPCIS 2.0, each shown to its participant only. */
export function captureJobOperations(parts: OracleParts): Operation[] {
  const { database, limits } = parts;

  const list = operation({
    operationId: "listCaptureJobs",
    method: "get",
    path: "/capture",
    tag: "EPCIS",
    summary: "Capture jobs of the caller, newest first",
    epcis: true,
    query: pageQuery(limits.pageEntries),
    responses: { 200: { description: "A page of jobs.", schema: z.array(captureJobSchema) } },
    async handle({ query, caller }) {
      const rows = await jobsOf(caller as ParticipantCaller)
        .orderBy("created_at_milliseconds", "desc")
        .orderBy("capture_id")
        .offset(query.nextPageToken)
        .limit(query.perPage + 1)
        .execute();
      const page = pageOf(rows, query);
      return {
        status: 200,
        headers: linkToNext("/capture", { perPage: String(query.perPage) }, page.next),
        body: await Promise.all(page.entries.map(jobShown)),
      };
    },
  });

  const get = operation({
    operationId: "getCaptureJob",
    method: "get",
    path: "/capture/{captureId}",
    tag: "EPCIS",
    summary: "A capture job of the caller",
    epcis: true,
    parameters: z.strictObject({ captureId: z.uuid() }),
    responses: {
      200: { description: "The job.", schema: captureJobSchema },
      404: { description: "No such job of the caller's." },
    },
    async handle({ path, caller }) {
      const row = await jobsOf(caller as ParticipantCaller)
        .where("capture_id", "=", path.captureId)
        .executeTakeFirst();
      if (row === undefined)
        throw epcisProblem(404, "NoSuchResourceException", `you have no capture job ${path.captureId}`);
      return { status: 200, body: await jobShown(row) };
    },
  });

  function jobsOf(caller: ParticipantCaller) {
    return database.selectFrom("capture_jobs").selectAll().where("participant_id", "=", caller.participantId);
  }

  async function jobShown(row: Selectable<Database["capture_jobs"]>) {
    const errors = sealedCaptureErrors.open(await journeyCipher(database, []), null, row.capture_id, row.sealed_errors);
    return {
      captureID: row.capture_id,
      createdAt: rfc3339FromMilliseconds(row.created_at_milliseconds),
      ...(row.finished_at_milliseconds === null
        ? {}
        : { finishedAt: rfc3339FromMilliseconds(row.finished_at_milliseconds) }),
      running: row.running,
      success: row.success,
      captureErrorBehaviour: row.capture_error_behaviour,
      errors: errors ?? [],
    };
  }

  return [list, get];
}
