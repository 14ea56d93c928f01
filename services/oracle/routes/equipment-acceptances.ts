import { z } from "zod";
import { EQUIPMENT_ACCEPTANCE_TYPES, EQUIPMENT_CODES } from "../../model/custody/index.ts";
import type { EquipmentCode } from "../../model/custody/index.ts";
import { EXCEPTION_STAGES } from "../../model/custody/exception-lifecycle.ts";
import { requireOwnSignature } from "../dispositions/own-signature.ts";
import { submitSigned } from "../dispositions/submit.ts";
import { openFindings } from "../equipment/open-findings.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { legOf } from "../journeys/leg-of.ts";
import { visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { requireHostedKey } from "../signing/hosted-key.ts";
import { hash32Schema, momentSchema, momentText, nameSchema, rfc3339, signatureSchema } from "../schemas/common.ts";

const ACCEPTED = EXCEPTION_STAGES.indexOf("accepted");

const codeSchema = z.enum(Object.keys(EQUIPMENT_CODES) as [EquipmentCode, ...EquipmentCode[]]);
const acceptedSchema = z.strictObject({ leg: z.string(), code: codeSchema, assignments: z.int(), exceptionNumber: z.int(), recorded: z.boolean() });
const listSchema = z.strictObject({
  leg: z.string(),
  accepted: z.array(z.strictObject({ code: codeSchema, assignments: z.int(), exceptionNumber: z.int(), recordedAt: momentText })),
  /** How many shippers the leg has by now: an acceptance for fewer no longer stands. */
  assignments: z.int(),
  /** What was not qualified and nobody has accepted; empty while the leg is not over. */
  open: z.array(codeSchema),
});
const legPath = z.strictObject({ journeyId: hash32Schema, leg: nameSchema });

/** Shippers and lanes that were not qualified, taken on by a qualified person under an accepted exception. */
export function equipmentAcceptanceOperations(parts: OracleParts): Operation[] {
  const { database } = parts;

  const list = operation({
    operationId: "listEquipmentAcceptances",
    method: "get",
    path: "/journeys/{journeyId}/legs/{leg}/shipper/acceptances",
    tag: "equipment",
    summary: "What was accepted of a leg's shippers and lanes, and what of them is still open",
    parameters: legPath,
    responses: { 200: { description: "The acceptances.", schema: listSchema }, 404: { description: "No such journey or leg." } },
    async handle({ path, caller }) {
      const journey = await visibleJourney(database, caller, path.journeyId);
      const { leg } = legOf(journey.flow, path.leg);
      const rows = await database
        .selectFrom("chain_equipment_acceptances")
        .selectAll()
        .where("journey_id", "=", path.journeyId)
        .where("leg", "=", leg)
        .orderBy("recorded_at")
        .orderBy("exception_number")
        .execute();
      const accepted = rows.map((row) => ({
        code: row.code as EquipmentCode,
        assignments: row.assignments,
        exceptionNumber: row.exception_number,
        recordedAt: rfc3339(row.recorded_at),
      }));
      return { status: 200, body: { leg: path.leg, accepted, ...(await openFindings(parts.ledger, path.journeyId, leg)) } };
    },
  });

  const accept = operation({
    operationId: "acceptEquipment",
    method: "post",
    path: "/journeys/{journeyId}/legs/{leg}/shipper/acceptances",
    tag: "equipment",
    summary: "Accept a leg's shippers or lanes under an accepted exception, with your own signature (EquipmentAcceptance) or the hosted key's",
    parameters: legPath,
    body: z
      .strictObject({
        exceptionNumber: z.int().min(0).max(0xffff_ffff),
        assignments: z.int().min(0).max(254).optional(),
        signedAt: momentSchema.optional(),
        signature: signatureSchema.optional(),
      })
      .refine(
        ({ assignments, signedAt, signature }) => new Set([assignments, signedAt, signature].map((part) => part === undefined)).size === 1,
        "a signature of your own comes with assignments and signedAt, and none of them without it",
      ),
    responses: {
      201: { description: "Accepted on the ledger; the gate's check is completed, not compliant.", schema: acceptedSchema },
      202: { description: "It waits for the ledger.", schema: acceptedSchema },
      403: { description: "No signature of the caller's." },
      404: { description: "No such journey, leg or exception." },
      409: { description: "Nothing to accept, an exception that does not stand for it, or refused by the ledger." },
    },
    async handle({ path, body, caller }) {
      const participant = caller as ParticipantCaller;
      const { journeyId } = path;
      const { exceptionNumber, signedAt, signature } = body;
      const journey = await visibleJourney(database, caller, journeyId);
      const { leg } = legOf(journey.flow, path.leg);
      const code = await acceptedCode(journeyId, leg, exceptionNumber);
      const { assignments, open } = await openFindings(parts.ledger, journeyId, leg);
      if (!open.includes(code))
        throw problem(409, "nothing-to-accept", `the ${EQUIPMENT_CODES[code]} of leg "${path.leg}" are qualified or accepted, or the leg is not over yet`, { open });
      if (body.assignments !== undefined && body.assignments !== assignments)
        throw problem(409, "assigned-since", `the leg has ${assignments} shippers by now, you signed for ${body.assignments}; look again and sign anew`, { assignments });
      const own = signedAt === undefined || signature === undefined ? null : { signedAt, signature };
      const value = { journeyId, leg, assignments, exceptionNumber };
      if (own === null) await requireHostedKey(database, participant);
      else
        await requireOwnSignature(parts, participant, { contract: "equipmentRegistry", types: EQUIPMENT_ACCEPTANCE_TYPES, value, ...own });
      const recorded = await submitSigned(
        parts,
        participant,
        {
          idempotencyKey: `equipment-acceptance:${journeyId}:${leg}:${assignments}:${exceptionNumber}`,
          kind: "accept-equipment",
          journeyId,
          payload: { ...value, participantId: participant.participantId, account: participant.account, own },
        },
        null,
      );
      return { status: recorded ? 201 : 202, body: { leg: path.leg, code, assignments, exceptionNumber, recorded } };
    },
  });

  async function acceptedCode(journeyId: string, leg: number, number: number): Promise<EquipmentCode> {
    const record = await database
      .selectFrom("chain_exceptions")
      .select(["leg", "outcome", "code"])
      .where("journey_id", "=", journeyId)
      .where("number", "=", number)
      .executeTakeFirst();
    if (record === undefined) throw problem(404, "unknown-exception", `the ledger has no exception ${number} of this journey`);
    const { code } = record;
    if (record.leg !== leg + 1) throw problem(409, "another-leg", `exception ${number}, ${code}, is not one of this leg`);
    if (!isEquipmentCode(code))
      throw problem(409, "another-kind", `exception ${number}, ${code}, is none of these: ${Object.keys(EQUIPMENT_CODES).join(", ")}`);
    if (record.outcome !== ACCEPTED)
      throw problem(409, "not-accepted", `exception ${number}, ${code}, was not accepted with a justification; that comes first`);
    return code;
  }

  return [list, accept];
}

function isEquipmentCode(code: string): code is EquipmentCode {
  return Object.hasOwn(EQUIPMENT_CODES, code);
}
