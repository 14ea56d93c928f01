import type { Role } from "../custody/roles.ts";
import { JOURNEY_DOMAIN } from "./pseudonym.ts";

/** Why patient data is used. HL7 v3 PurposeOfUse: TREAT, HPAYMT, HRESCH, PUBHLTH, PATSFTY, HQUALIMP, PATADMIN. */
export const PURPOSES = [
  "treatment",
  "payment",
  "research",
  "public-health",
  "patient-safety",
  "quality",
  "patient-administration",
] as const;

export type Purpose = (typeof PURPOSES)[number];

/** What a consent allows: a pseudonym of its domain to be learnt, or one of its domain to be re-identified. */
export const CONSENT_SCOPES = ["translation", "re-identification"] as const;

export type ConsentScope = (typeof CONSENT_SCOPES)[number];

/** A patient's consent as the organisation recorded it. Times are Unix milliseconds. */
export interface ConsentGrant {
  consentId: string;
  purpose: Purpose;
  scope: ConsentScope;
  domain: string;
  grantee: string;
  givenAt: number;
  expiresAt: number;
  revokedAt: number | null;
}

export type ConsentRequest = Pick<ConsentGrant, "purpose" | "scope" | "domain" | "grantee">;

export type ConsentVerdict = { allowed: true; consentId: string } | { allowed: false; reason: string };

/** Also the answer for a pseudonym that names nobody, so that a stranger cannot tell the two apart. */
export const NO_CONSENT = "no consent for this organisation, scope and domain";

/** Whether one of a patient's grants covers a request at a moment; otherwise how near the nearest came. */
export function judgeConsent(grants: readonly ConsentGrant[], request: ConsentRequest, now: number): ConsentVerdict {
  const own = grants.filter(
    (grant) => grant.grantee === request.grantee && grant.scope === request.scope && grant.domain === request.domain,
  );
  if (own.length === 0) return { allowed: false, reason: NO_CONSENT };
  const purposeful = own.filter((grant) => grant.purpose === request.purpose);
  if (purposeful.length === 0) return { allowed: false, reason: "the consent is for another purpose" };
  const standing = purposeful.filter((grant) => grant.revokedAt === null);
  if (standing.length === 0) return { allowed: false, reason: "the consent was revoked" };
  const valid = standing.find((grant) => grant.givenAt <= now && now < grant.expiresAt);
  return valid === undefined
    ? { allowed: false, reason: "the consent has expired" }
    : { allowed: true, consentId: valid.consentId };
}

/** Those who open journeys must name the patient of one; everything else asks for a consent. */
const JOURNEY_DUTY: readonly Role[] = ["treatment-centre", "apheresis-centre", "manufacturing-site"];

/** Whether a duty by itself allows a translation into a domain: treatment asks for the pseudonym of the journey. */
export function dutyAllows(roles: readonly Role[], domain: string, purpose: Purpose): boolean {
  return domain === JOURNEY_DOMAIN && purpose === "treatment" && roles.some((role) => JOURNEY_DUTY.includes(role));
}
