import { canonicalEpc } from "./digital-link.ts";
import { parseCoiIdentifier, parseDonationIdentificationNumber } from "./isbt128.ts";
import type { ParsedLabel } from "./label.ts";
import { identityContradiction } from "./printed-label.ts";

/** What a journey's labels may name. EPCs may be EPC URNs or Digital Links; identifiers in any form they parse from. */
export interface ExpectedIdentity {
  chainOfIdentity: string;
  donationIdentificationNumbers: string[];
  epcs: string[];
}

export interface LabelMatch {
  match: boolean;
  reason: string;
  /** The identifier the label names, as compared. */
  observed: string;
}

function coiText(text: string): string {
  const result = parseCoiIdentifier(text);
  return result.ok ? result.value.coi : text;
}

function dinText(text: string): string {
  const result = parseDonationIdentificationNumber(text);
  return result.ok ? result.value.din : text;
}

function decide(observed: string, expected: string[], name: string): LabelMatch {
  if (expected.includes(observed)) return { match: true, reason: `The label names the journey's ${name}.`, observed };
  const list = expected.length === 0 ? "none" : expected.join(", ");
  return { match: false, reason: `The label names ${name} ${observed}, the journey has ${list}.`, observed };
}

/** A label matches when it names the journey's Chain of Identity, one of its donations or one of its EPCs. */
export function matchLabel(label: ParsedLabel, expected: ExpectedIdentity): LabelMatch {
  if (label.kind === "isbt-coi") {
    return decide(label.coi.coi, [coiText(expected.chainOfIdentity)], "Chain of Identity identifier");
  }
  if (label.kind === "isbt-din") {
    const donations = expected.donationIdentificationNumbers.map(dinText);
    return decide(label.din.din, donations, "donation identification number");
  }
  const contradiction = identityContradiction(label, expected.chainOfIdentity);
  if (contradiction !== null) return contradiction;
  const epcs = expected.epcs.map(canonicalEpc);
  const named = label.epcs.map(canonicalEpc);
  if (named.length === 0) {
    const observed = Object.entries(label.elements).map(([ai, value]) => `(${ai})${value}`).join("");
    return { match: false, reason: "The label names no GS1 key that could be one of the journey's EPCs.", observed };
  }
  const known = named.find((epc) => epcs.includes(epc));
  return decide(known ?? named.join(" "), epcs, "EPC");
}
