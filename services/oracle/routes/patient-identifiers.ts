import { z } from "zod";
import { domainSchema, localIdentifierSchema, pseudonymSchema } from "../../model/patient/index.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { actorOf, answered, purposeSchema } from "../schemas/patients.ts";

const pseudonymAnswer = z.strictObject({ pseudonym: pseudonymSchema, domain: domainSchema });

const translationSchema = z.strictObject({ pseudonym: pseudonymSchema, domain: domainSchema, purpose: purposeSchema });

/** Patient identifier translator: own identifiers in, pseudonyms per domain out, and back by consent only. */
export function patientIdentifierOperations({ patients }: OracleParts): Operation[] {
  const register = operation({
    operationId: "registerPatientIdentifier",
    method: "post",
    path: "/patients/identifiers",
    tag: "patients",
    summary: "Register or look up an identifier of the caller's own: the patient's pseudonym in the caller's domain",
    body: z.strictObject({
      identifier: localIdentifierSchema,
      purpose: purposeSchema.default("treatment"),
      pseudonym: pseudonymSchema
        .optional()
        .meta({ description: "Pseudonym, in the caller's domain, of a patient the caller knows already" }),
    }),
    responses: {
      200: { description: "The identifier was known.", schema: pseudonymAnswer },
      201: { description: "The identifier is registered.", schema: pseudonymAnswer },
      404: { description: "The pseudonym names no patient in the caller's domain." },
      409: { description: "The identifier names another patient already." },
    },
    async handle({ body, caller }) {
      const { isNew, ...answer } = answered(await patients.register(actorOf(caller), body));
      return { status: isNew ? 201 : 200, body: answer };
    },
  });

  const translate = operation({
    operationId: "translatePseudonym",
    method: "post",
    path: "/patients/translations",
    tag: "patients",
    summary: "From a pseudonym of the caller's domain to the patient's pseudonym in another, by duty or consent",
    body: translationSchema,
    responses: {
      200: { description: "The pseudonym in the domain asked for.", schema: pseudonymAnswer },
      403: { description: "No consent and no duty allows it." },
    },
    async handle({ body, caller }) {
      return { status: 200, body: answered(await patients.translate(actorOf(caller), body)) };
    },
  });

  const reidentify = operation({
    operationId: "reidentifyPatient",
    method: "post",
    path: "/patients/re-identifications",
    tag: "patients",
    summary: "From a pseudonym to the identifiers of the organisation that recorded the patient's consent to it",
    body: translationSchema,
    responses: {
      200: {
        description: "The identifiers.",
        schema: z.strictObject({ identifiers: z.array(z.strictObject({ system: z.string(), value: z.string() })) }),
      },
      403: { description: "No consent allows it, or there is no such pseudonym." },
    },
    async handle({ body, caller }) {
      return { status: 200, body: answered(await patients.reidentify(actorOf(caller), body)) };
    },
  });

  return [register, translate, reidentify];
}
