import { canonicalEpc } from "./digital-link.ts";
import { parseCoiIdentifier } from "./isbt128.ts";
import type { Gs1Label, ParsedLabel } from "./label.ts";
import { containerEpc, identityAndVersionOf } from "./label-content.ts";
import type { LabelMatch } from "./match-label.ts";

/** A label printed for a container of a journey. */
export interface PrintedLabel {
  labelId: string;
  /** Canonical Digital Link of the container. */
  epc: string;
  version: number;
  voided: boolean;
}

/** What the register of printed labels says of a label that was scanned. */
export type PrintedLabelVerdict =
  | { ok: true; labelId: string | null }
  | { ok: false; code: "label-not-printed" | "label-voided"; reason: string; observed: string; limit: string };

/**
 * Whether a bag's label is one that was printed for this journey and still holds. A journey of which nothing was
 * printed here has labels from elsewhere, and so has a shipper or a logistic unit: of these the register says nothing.
 * Expects a label that matches the journey.
 */
export function judgePrintedLabel(label: ParsedLabel, printed: readonly PrintedLabel[]): PrintedLabelVerdict {
  if (label.kind !== "gs1" || label.sgtin === undefined || printed.length === 0) return { ok: true, labelId: null };
  const epc = canonicalEpc(containerEpc(label.sgtin));
  const version = identityAndVersionOf(label.elements)?.version ?? null;
  const ofContainer = printed.filter((one) => one.epc === epc);
  const found = ofContainer.find((one) => one.version === version);
  const valid = ofContainer.find((one) => !one.voided);
  const observed = version === null ? `a label of ${epc} without version` : `version ${version} of the label of ${epc}`;
  const limit = valid === undefined ? "no label of this container is valid" : `version ${valid.version}`;
  if (found === undefined)
    return { ok: false, code: "label-not-printed", reason: `The label was never printed for this journey: ${observed}; valid: ${limit}.`, observed, limit };
  if (found.voided)
    return { ok: false, code: "label-voided", reason: `The label was voided: ${observed}; valid: ${limit}.`, observed, limit };
  return { ok: true, labelId: found.labelId };
}

/**
 * A label of Threadline's own names container and Chain of Identity in one symbol; when they are of two journeys, the
 * label is a mismatch although the container alone is known. Null when the label says nothing against the journey.
 */
export function identityContradiction(label: Gs1Label, chainOfIdentity: string): LabelMatch | null {
  const named = identityAndVersionOf(label.elements);
  const expected = parseCoiIdentifier(chainOfIdentity);
  const own = expected.ok ? expected.value.coi : chainOfIdentity;
  if (named === null || named.chainOfIdentity === own) return null;
  const reason = `The label names Chain of Identity identifier ${named.chainOfIdentity}, the journey has ${own}.`;
  return { match: false, reason, observed: named.chainOfIdentity };
}
