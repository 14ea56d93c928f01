import type { Purpose } from "../patient/index.ts";
import { compact, concept, instant } from "./data-types.ts";
import type { Resource } from "./data-types.ts";
import { organisationReference, patientReference } from "./journey-context.ts";
import type { JourneyConsent } from "./journey-record.ts";
import type { Mapping } from "./mapping.ts";
import { resourceId } from "./resource-id.ts";
import { CODE_SYSTEMS, HL7_SYSTEMS, IDENTIFIER_SYSTEMS } from "./systems.ts";

/** HL7 v3 ActReason, the purposes of use. */
const PURPOSE_CODES: Readonly<Record<Purpose, string>> = {
  treatment: "TREAT",
  payment: "HPAYMT",
  research: "HRESCH",
  "public-health": "PUBHLTH",
  "patient-safety": "PATSFTY",
  quality: "HQUALIMP",
  "patient-administration": "PATADMIN",
};

/** Consent: what the journey's patient allowed to whom, why and until when. Nothing is allowed that none of them names. */
export function consentsOf({ journey }: Mapping): Resource[] {
  return journey.consents.map((consent) =>
    compact({
      resourceType: "Consent",
      id: resourceId(journey.journeyId, `consent:${consent.consentId}`),
      identifier: [{ system: IDENTIFIER_SYSTEMS.consent, value: consent.consentId }],
      status: stands(consent, journey.now) ? "active" : "inactive",
      scope: concept(HL7_SYSTEMS.consentScope, "patient-privacy"),
      category: [concept(HL7_SYSTEMS.loinc, "59284-0")],
      patient: patientReference(journey),
      dateTime: instant(consent.givenAt),
      organization: [organisationReference(consent.givenBy)],
      policyRule: concept(HL7_SYSTEMS.actCode, "OPTIN"),
      provision: {
        type: "permit",
        period: { start: instant(consent.givenAt), end: instant(Math.min(consent.expiresAt, consent.revokedAt ?? Infinity)) },
        actor: [
          {
            role: concept(HL7_SYSTEMS.participationType, "IRCP"),
            reference: organisationReference(consent.granteeOrganisation),
          },
        ],
        action: [concept(HL7_SYSTEMS.consentAction, "access")],
        purpose: [{ system: HL7_SYSTEMS.actReason, code: PURPOSE_CODES[consent.purpose] }],
        code: [concept(CODE_SYSTEMS.consentScope, consent.scope, `${consent.scope} in the domain ${consent.domain}`)],
      },
    }),
  );
}

function stands({ givenAt, expiresAt, revokedAt }: JourneyConsent, now: number): boolean {
  return revokedAt === null && givenAt <= now && now < expiresAt;
}
