import { z } from "zod";
import { AUDITED_ACTIONS } from "../../model/patient/index.ts";
import type { Caller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { participantNames } from "../journeys/status.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { anchorOf } from "../audit/anchoring.ts";
import { anchorAnswer, anchorSchema } from "./anchor-schema.ts";
import { linkToNext, pageOf, pageQuery } from "../schemas/paging.ts";
import { actorOf } from "../schemas/patients.ts";
import { momentText, rfc3339FromMilliseconds } from "../schemas/common.ts";

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

const entrySchema = z.strictObject({
  number: z.int(),
  at: momentText,
  participantId: z.string(),
  gln: z.string().nullable(),
  action: z.enum(AUDITED_ACTIONS),
  purpose: z.string(),
  domain: z.string(),
  outcome: z.enum(["granted", "refused"]),
  reason: z.string(),
  previousHash: sha256Schema,
  subjectHash: sha256Schema.meta({ description: "Covers which patient it was about, which nobody is shown" }),
  hash: sha256Schema,
});

/** The audit trail of the patient identifier translator. There is no operation that writes, changes or ends it. */
export function patientAuditOperations(parts: OracleParts): Operation[] {
  const { database, patients } = parts;

  const list = operation({
    operationId: "listPatientAudit",
    method: "get",
    path: "/patients/audit",
    tag: "patients",
    summary: "Every act on patient identifiers, granted or refused: the caller's own; all for auditor and regulator",
    query: pageQuery(parts.limits.pageEntries),
    responses: {
      200: { description: "A page, newest first.", schema: z.strictObject({ entries: z.array(entrySchema) }) },
    },
    async handle({ query, caller }) {
      const whose = readsWholeTrail(caller) ? null : actorOf(caller).participantId;
      const rows = await patients.audit(whose, { offset: query.nextPageToken, limit: query.perPage + 1 });
      const page = pageOf(rows, query);
      const people = await participantNames(database);
      const entries = page.entries.map(({ occurredAt, ...entry }) => ({
        ...entry,
        at: rfc3339FromMilliseconds(occurredAt),
        gln: people.get(entry.participantId)?.gln ?? null,
      }));
      const headers = linkToNext("/patients/audit", { perPage: String(query.perPage) }, page.next);
      return { status: 200, headers, body: { entries } };
    },
  });

  const verify = operation({
    operationId: "verifyPatientAudit",
    method: "get",
    path: "/patients/audit/verification",
    tag: "patients",
    summary: "Recompute the trail's hash chain, and compare the crosswalk with the one it tells, and the trail with its anchor on the ledger",
    responses: {
      200: {
        description: "Whether the trail is whole.",
        schema: z.strictObject({
          intact: z.boolean(),
          entries: z.int(),
          head: sha256Schema,
          firstBroken: z.int().nullable(),
          crosswalkAgrees: z.boolean(),
          anchor: anchorSchema,
        }),
      },
    },
    async handle() {
      const anchor = anchorAnswer(await anchorOf(database, parts.ledger, "patients"));
      return { status: 200, body: { ...(await patients.verify()), anchor } };
    },
  });

  return [list, verify];
}

function readsWholeTrail(caller: Caller): boolean {
  return caller.kind === "participant" && caller.roles.some((role) => role === "auditor" || role === "regulator");
}
