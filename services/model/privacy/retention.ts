import type { Role } from "../custody/index.ts";
import { namespacesOf } from "../epcis/index.ts";
import type { JsonLdContext } from "../epcis/index.ts";

/** A duty to keep something that a wish for erasure does not undo. */
export interface RetentionRule {
  what: string;
  why: string;
  /** Years after the batch's expiry date. */
  yearsAfterExpiry: number;
}

/**
 * Traceability of advanced therapy medicinal products: data that link patient, product and starting materials are kept
 * for thirty years after the product's expiry date, by the holder of the authorisation (Article 15(4)) and by the
 * hospital (Article 15(2)). The right to erasure makes way for a legal obligation and for public health.
 */
export const TRACEABILITY: RetentionRule = {
  what: "the link between the Chain of Identity, its donation and product identifiers, and the journey on the ledger",
  why: "Regulation (EC) No 1394/2007, Article 15; GDPR, Article 17(3)(b) and (c)",
  yearsAfterExpiry: 30,
};

/**
 * Duties that may follow the link once its subject is erased: the authority that asks for it, and who answers for the
 * product under the authorisation.
 */
export const TRACING_ROLES: readonly Role[] = ["regulator", "qualified-person"];

export function mayTrace(roles: readonly Role[]): boolean {
  return roles.some((role) => TRACING_ROLES.includes(role));
}

export interface Retention {
  isKept: boolean;
  what: string;
  why: string;
  /** Calendar day until which it is kept, YYYY-MM-DD; null while no batch has an expiry date on record. */
  until: string | null;
}

/**
 * Whether traceability holds the Chain of Identity link back. `recordedEvents` counts what the journey recorded of
 * material: of a journey that never began there is nothing to trace. `expiryDays` are the expiry dates on record,
 * YYYY-MM-DD; the latest counts. `today` likewise.
 */
export function traceabilityOf(recordedEvents: number, expiryDays: readonly string[], today: string): Retention {
  const { what, why, yearsAfterExpiry } = TRACEABILITY;
  const latest = [...expiryDays].sort().at(-1);
  const until = latest === undefined ? null : yearsLater(latest, yearsAfterExpiry);
  return { isKept: recordedEvents > 0 && (until === null || today <= until), what, why, until };
}

/** The same day so many years later; 29 February becomes 1 March, never a day less. */
function yearsLater(day: string, years: number): string {
  const moment = new Date(`${day}T00:00:00Z`);
  moment.setUTCFullYear(moment.getUTCFullYear() + years);
  return moment.toISOString().slice(0, 10);
}

const EXPIRY_ATTRIBUTE = "urn:epcglobal:cbv:mda:itemExpirationDate";

/** Expiry dates an event's master data names (CBV 2.0 `cbvmda:itemExpirationDate`), YYYY-MM-DD. */
export function expiryDaysOf(body: unknown, context: JsonLdContext): string[] {
  const own = typeof body === "object" && body !== null && "@context" in body ? body["@context"] : null;
  const names = new Set([EXPIRY_ATTRIBUTE]);
  for (const [prefix, namespace] of namespacesOf(context, own))
    if (EXPIRY_ATTRIBUTE.startsWith(namespace)) names.add(`${prefix}:${EXPIRY_ATTRIBUTE.slice(namespace.length)}`);
  const found: string[] = [];
  const search = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      if (names.has(name) && typeof member === "string" && /^\d{4}-\d{2}-\d{2}/.test(member)) found.push(member.slice(0, 10));
      search(member);
    }
  };
  search(body);
  return found;
}
