import { z } from "zod";
import { parseCoiIdentifier } from "../../model/identity/index.ts";
import { roleSchema } from "../../model/custody/index.ts";
import { TRACING_ROLES } from "../../model/privacy/retention.ts";
import type { ErasedPart } from "../../store/erasure/eraser.ts";
import { eraseSubject } from "../../store/erasure/erase-subject.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { momentText, rfc3339FromMilliseconds } from "../schemas/common.ts";

const requestSchema = z.strictObject({
  subject: z.string().min(1).max(200).meta({ description: "Chain of Identity identifier, or journey id" }),
  reason: z.string().min(1).max(500).meta({ description: "why, in words that name nobody: it is kept" }),
  batchExpiry: z.iso
    .date()
    .optional()
    .meta({ description: "expiry date of the batch, where no event on record names it (cbvmda:itemExpirationDate)" }),
});

const partsSchema = z.array(z.strictObject({ what: z.string(), count: z.int() }));

const answerSchema = z.strictObject({
  journeyId: z.string(),
  erasedAt: momentText,
  erased: partsSchema.meta({ description: "what was destroyed now, kind by kind" }),
  kept: z
    .strictObject({
      what: z.string(),
      why: z.string(),
      until: z.iso.date().nullable().meta({ description: "null while no batch has an expiry date on record" }),
      readers: z.array(roleSchema).meta({ description: "the duties it stays readable to; nobody else is shown it" }),
      parts: partsSchema.meta({ description: "what it is, kind by kind" }),
    })
    .nullable(),
});

/** Erasure on a subject's request (GDPR, Article 17), as far as statutory traceability lets it. */
export function erasureOperations(parts: OracleParts): Operation[] {
  const erase = operation({
    operationId: "eraseSubject",
    method: "post",
    path: "/erasures",
    tag: "administration",
    summary: "Destroy what was disclosed of a subject, keys and salts included; says what the law makes stay, and until when",
    body: requestSchema,
    responses: {
      200: { description: "What was erased, and what is kept.", schema: answerSchema },
      404: { description: "No such journey or Chain of Identity." },
    },
    async handle({ body }) {
      const identity = parseCoiIdentifier(body.subject);
      const subject = identity.ok ? identity.value.coi : body.subject;
      const erasure = await eraseSubject(parts.database, parts.erasers, { ...body, subject });
      if (erasure === null)
        throw problem(404, "unknown-subject", "no journey has this id or Chain of Identity; one fully erased is known by its journey id only");
      const { journeyId, erasedAtMilliseconds, erased, kept } = erasure;
      const shown = (list: readonly ErasedPart[]) => list.map(({ what, count }) => ({ what, count }));
      const held =
        kept === null
          ? null
          : { what: kept.what, why: kept.why, until: kept.until, readers: [...TRACING_ROLES], parts: shown(kept.parts) };
      return {
        status: 200,
        body: { journeyId, erasedAt: rfc3339FromMilliseconds(erasedAtMilliseconds), erased: shown(erased), kept: held },
      };
    },
  });
  return [erase];
}
