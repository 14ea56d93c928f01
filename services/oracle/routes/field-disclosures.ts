import { getBytes } from "ethers";
import { z } from "zod";
import { ThreadlineError } from "../../model/errors.ts";
import { discloseFields, fieldDisclosureSchema } from "../../model/privacy/index.ts";
import { eventIdIndex, openEvents, SEALED_EVENT_COLUMNS, vaultOf } from "../../store/vault/index.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { createEventReader } from "../journeys/event-reader.ts";
import { refuseErased, visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { journeyPath } from "../schemas/common.ts";

const askedSchema = z.strictObject({
  eventId: z.string().min(1).max(2_000),
  paths: z
    .array(z.string().min(1).max(2_000))
    .min(1)
    .max(200)
    .meta({ description: 'JSON pointers into the event, such as /eventTime; "context"; "text" for its exact text' }),
  errorDeclaration: z
    .boolean()
    .default(false)
    .meta({ description: "the error declaration under this eventID instead of the event it corrects" }),
});

/** Selective disclosure: some fields of an event, to be checked against the ledger without the rest. */
export function fieldDisclosureOperations(parts: OracleParts): Operation[] {
  const { database } = parts;
  const disclose = operation({
    operationId: "discloseFields",
    method: "post",
    path: "/journeys/{journeyId}/disclosures",
    tag: "audit",
    summary: "Show chosen fields of an event, each with the proof that the ledger's commitment holds it",
    parameters: journeyPath,
    body: askedSchema,
    responses: {
      200: { description: "A document for whoever is to see these fields only.", schema: fieldDisclosureSchema },
      403: { description: "A path outside the caller's view." },
      404: { description: "No such journey, or no such event of it." },
      410: { description: "Erased on the subject's request." },
      422: { description: "The event has nothing at one of the paths." },
    },
    async handle({ path, body, caller }) {
      refuseErased(await visibleJourney(database, caller, path.journeyId));
      const reader = createEventReader(parts, caller);
      const commitment = /\/(0x[0-9a-f]{64})$/.exec(body.eventId)?.[1] ?? "";
      const rows = await database
        .selectFrom("events")
        .select([...SEALED_EVENT_COLUMNS, "commitment", "captured_by", "record_time_milliseconds"])
        .where("journey_id", "=", path.journeyId)
        .where((where) =>
          where.or([where("event_id_index", "=", eventIdIndex(vaultOf(database), body.eventId)), where("commitment", "=", commitment)]),
        )
        .where("is_error_declaration", "=", body.errorDeclaration)
        .execute();
      const [row] = await openEvents(database, rows);
      if (row === undefined || row.salt === null || (await reader.document(row)).eventID !== body.eventId)
        throw problem(404, "unknown-event", `the journey has no event ${body.eventId} that you may see`);
      const shown = await reader.paths(row);
      const beyond = shown === null ? [] : body.paths.filter((asked) => !shown.includes(asked));
      if (beyond.length > 0)
        throw problem(403, "not-in-your-view", `your duties do not show you ${beyond.join(", ")}; of this event you may disclose: ${shown?.join(", ") ?? ""}`);
      const event = { eventHash: getBytes(row.eventHash), text: row, salt: getBytes(row.salt) };
      return { status: 200, body: disclosed(path.journeyId, event, body.paths) };
    },
  });
  return [disclose];
}

function disclosed(...request: Parameters<typeof discloseFields>) {
  try {
    return discloseFields(...request);
  } catch (error) {
    if (error instanceof ThreadlineError && error.code === "path-unknown")
      throw problem(422, "path-unknown", error.message, error.details);
    throw error;
  }
}
