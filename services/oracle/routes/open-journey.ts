import { randomBytes } from "node:crypto";
import { hexlify } from "ethers";
import { z } from "zod";
import { journeyIdOf } from "../../model/custody/index.ts";
import {
  blindingFromBytes,
  canonicalEpc,
  commitmentToBytes32,
  identityCommitment,
  parseCoiIdentifier,
  parseDonationIdentificationNumber,
  required,
} from "../../model/identity/index.ts";
import { donationNode, donorNode } from "../../model/quality/genealogy.ts";
import { identityIndex, sealIdentity, storeIdentifiers } from "../../store/identities.ts";
import { ensureJourneyKeys, journeyCipher, vaultOf } from "../../store/vault/index.ts";
import { enqueueOperation } from "../../store/outbox.ts";
import { insertEdges } from "../batch/genealogy-edges.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { actorOf, answered, patientReferenceSchema } from "../schemas/patients.ts";
import { identifier, momentText, nameSchema, rfc3339FromMilliseconds } from "../schemas/common.ts";

const newJourneySchema = z.strictObject({
  chainOfIdentity: identifier(parseCoiIdentifier, "ISBT 128 Chain of Identity identifier (ST-028)"),
  flow: z.strictObject({ name: nameSchema, version: z.int().min(1).max(0xffff) }),
  donationIdentificationNumbers: z
    .array(identifier(parseDonationIdentificationNumber, "ISBT 128 donation identification number"))
    .max(50)
    .default([]),
  epcs: z
    .array(z.url().max(500))
    .max(100)
    .default([])
    .meta({ description: "EPCs of the material, as GS1 Digital Links or EPC URNs" }),
  patient: patientReferenceSchema
    .optional()
    .meta({ description: "The patient, by an identifier of the caller's own or its pseudonym; stays inside this node" }),
});

/** A journey as it is named when opened and in lists. */
export const openedSchema = z.strictObject({
  journeyId: z.string(),
  chainOfIdentity: z.string().nullable().meta({ description: "null once it is erased, and to whose duty it is not to know it" }),
  flow: z.strictObject({ name: z.string(), version: z.int() }),
  createdAt: momentText,
});

/** Opens a journey: its ledger id is blinded, so that nothing on the ledger can be tied to the Chain of Identity. */
export function openJourneyOperation(parts: OracleParts): Operation {
  const { database } = parts;

  const open = operation({
    operationId: "openJourney",
    method: "post",
    path: "/journeys",
    tag: "journeys",
    summary: "Open a journey under a Chain of Identity and a version of a flow",
    body: newJourneySchema,
    responses: {
      201: { description: "Opened.", schema: openedSchema },
      403: { description: "An operator named a patient." },
      404: { description: "No such flow version, or a pseudonym that names no patient in the caller's domain." },
      409: { description: "The Chain of Identity has a journey already; the problem names it." },
    },
    async handle({ body, caller }) {
      const { coi } = required(parseCoiIdentifier(body.chainOfIdentity));
      const { name, version } = body.flow;
      const flow = await database
        .selectFrom("flows")
        .select("document_hash")
        .where("name", "=", name)
        .where("version", "=", version)
        .executeTakeFirst();
      if (flow === undefined) throw problem(404, "unknown-flow", `no flow "${name}" version ${version} is registered`);
      const patient =
        body.patient === undefined
          ? undefined
          : answered(await parts.patients.patientForJourney(actorOf(caller), body.patient));
      const salt = randomBytes(32);
      const blinding = randomBytes(31);
      const journeyId = journeyIdOf(coi, salt);
      const commitment = commitmentToBytes32(
        identityCommitment({ coi, patient: patient?.pseudonym ?? null, blinding: blindingFromBytes(blinding) }),
      );
      const createdAt = Date.now();
      const identifiers = [
        ...body.donationIdentificationNumbers.map((text) => ({
          kind: "din" as const,
          identifier: required(parseDonationIdentificationNumber(text)).din,
        })),
        ...body.epcs.map((epc) => ({ kind: "epc" as const, identifier: canonicalEpc(epc) })),
      ];
      const recordedBy = caller.kind === "operator" ? "operator" : caller.participantId;
      const donated = identifiers
        .filter(({ kind }) => kind === "din")
        .map(({ identifier: din }) => ({ from: donorNode(coi), to: donationNode(din), kind: "donated" as const, source: journeyId, journeyId, recordedBy }));
      const opened = await database.transaction().execute(async (transaction) => {
        await ensureJourneyKeys(transaction, [journeyId]);
        const cipher = await journeyCipher(transaction, [journeyId]);
        const identity = { chainOfIdentity: coi, salt: hexlify(salt), identitySalt: hexlify(blinding) };
        const inserted = await transaction
          .insertInto("journeys")
          .values({
            journey_id: journeyId,
            ...sealIdentity(vaultOf(transaction), cipher, journeyId, identity),
            identity_commitment: commitment,
            flow_document_hash: flow.document_hash,
            opened_by: recordedBy,
            created_at_milliseconds: createdAt,
          })
          .onConflict((conflict) => conflict.doNothing())
          .returning("journey_id")
          .executeTakeFirst();
        if (inserted === undefined) {
          await transaction.deleteFrom("journey_keys").where("journey_id", "=", journeyId).execute();
          return false;
        }
        await storeIdentifiers(transaction, cipher, identifiers.map((entry) => ({ journeyId, ...entry })));
        await insertEdges(transaction, donated);
        if (patient !== undefined)
          await parts.patients.bindJourney(transaction, actorOf(caller), { journeyId, recordId: patient.recordId });
        await enqueueOperation(transaction, {
          idempotencyKey: `open:${journeyId}`,
          kind: "open-journey",
          journeyId,
          payload: { journeyId, flowDocumentHash: flow.document_hash, identityCommitment: commitment },
        });
        return true;
      });
      if (!opened) throw await journeyExists(coi);
      parts.onOperation();
      return {
        status: 201,
        headers: { Location: `/journeys/${journeyId}` },
        body: {
          journeyId,
          chainOfIdentity: coi,
          flow: { name, version },
          createdAt: rfc3339FromMilliseconds(createdAt),
        },
      };
    },
  });

  async function journeyExists(coi: string) {
    const existing = await database
      .selectFrom("journeys")
      .select("journey_id")
      .where("identity_index", "=", identityIndex(vaultOf(database), coi))
      .executeTakeFirst();
    return problem(409, "journey-exists", `the Chain of Identity ${coi} has a journey already`, {
      journeyId: existing?.journey_id,
    });
  }

  return open;
}
