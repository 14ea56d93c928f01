import { z } from "zod";
import { participantIdOf } from "../../model/custody/index.ts";
import { CONSENT_SCOPES, domainSchema } from "../../model/patient/index.ts";
import { seesEveryJourney } from "../http/caller.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { participantNames } from "../journeys/status.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { linkToNext, pageOf, pageQuery } from "../schemas/paging.ts";
import { actorOf, answered, patientReferenceSchema, purposeSchema } from "../schemas/patients.ts";
import { glnSchema, momentSchema, momentText, rfc3339FromMilliseconds } from "../schemas/common.ts";

const consentSchema = z.strictObject({
  consentId: z.uuid(),
  purpose: purposeSchema,
  scope: z.enum(CONSENT_SCOPES),
  domain: domainSchema,
  givenBy: z.string().meta({ description: "GLN of the organisation that recorded the consent" }),
  grantee: z.string().meta({ description: "GLN of the organisation it is for" }),
  givenAt: momentText,
  expiresAt: momentText,
  revokedAt: momentText.nullable(),
});

type Stored = Awaited<ReturnType<OracleParts["patients"]["consents"]>>[number];

/** Patients' consents, recorded by the hospitals that know them. A consent shown names no patient. */
export function consentOperations(parts: OracleParts): Operation[] {
  const { database, patients } = parts;

  async function shown(consents: readonly Stored[]) {
    const people = await participantNames(database);
    const glnOf = (participantId: string) => people.get(participantId)?.gln ?? participantId;
    return consents.map((consent) => ({
      ...consent,
      givenBy: glnOf(consent.givenBy),
      grantee: glnOf(consent.grantee),
      givenAt: rfc3339FromMilliseconds(consent.givenAt),
      expiresAt: rfc3339FromMilliseconds(consent.expiresAt),
      revokedAt: consent.revokedAt === null ? null : rfc3339FromMilliseconds(consent.revokedAt),
    }));
  }

  const give = operation({
    operationId: "giveConsent",
    method: "post",
    path: "/consents",
    tag: "patients",
    summary: "Record a patient's consent: who may learn a pseudonym of a domain or re-identify one, why, and until when",
    body: z.strictObject({
      patient: patientReferenceSchema,
      purpose: purposeSchema,
      scope: z.enum(CONSENT_SCOPES),
      domain: domainSchema,
      grantee: glnSchema,
      expiresAt: momentSchema,
    }),
    responses: {
      201: { description: "Recorded.", schema: consentSchema },
      403: { description: "The caller has no identifier of its own for the patient." },
      404: { description: "The caller knows no such patient, or there is no such grantee." },
      409: { description: "The consent would have expired already." },
    },
    async handle({ body, caller }) {
      const grantee = participantIdOf(body.grantee);
      if (!(await participantNames(database)).has(grantee))
        throw problem(404, "unknown-participant", `no participant has the GLN ${body.grantee}`);
      const consent = { ...body, grantee, expiresAt: body.expiresAt * 1000 };
      const [answer] = await shown([answered(await patients.giveConsent(actorOf(caller), consent))]);
      return { status: 201, body: answer };
    },
  });

  const revoke = operation({
    operationId: "revokeConsent",
    method: "post",
    path: "/consents/{consentId}/revocation",
    tag: "patients",
    summary: "Revoke a consent the caller recorded, from now on",
    parameters: z.strictObject({ consentId: z.uuid() }),
    responses: {
      200: { description: "Revoked, now or before.", schema: consentSchema },
      404: { description: "The caller recorded no such consent." },
    },
    async handle({ path, caller }) {
      const [answer] = await shown([answered(await patients.revokeConsent(actorOf(caller), path.consentId))]);
      return { status: 200, body: answer };
    },
  });

  const list = operation({
    operationId: "listConsents",
    method: "get",
    path: "/consents",
    tag: "patients",
    summary: "Consents the caller recorded or was granted; all of them for quality, auditor and regulator",
    query: pageQuery(parts.limits.pageEntries),
    responses: {
      200: { description: "A page, newest first.", schema: z.strictObject({ consents: z.array(consentSchema) }) },
    },
    async handle({ query, caller }) {
      const whose = seesEveryJourney(caller) ? null : actorOf(caller).participantId;
      const rows = await patients.consents(whose, { offset: query.nextPageToken, limit: query.perPage + 1 });
      const page = pageOf(rows, query);
      return {
        status: 200,
        headers: linkToNext("/consents", { perPage: String(query.perPage) }, page.next),
        body: { consents: await shown(page.entries) },
      };
    },
  });

  return [give, revoke, list];
}
