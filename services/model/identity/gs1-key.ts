import { epcsOf } from "./digital-link.ts";
import type { Elements } from "./element-string.ts";
import { formatBracketedElementString, formatElementString } from "./element-string.ts";
import type { Grai, Sgtin } from "./gs1-keys.ts";
import { formatGrai } from "./gs1-keys.ts";
import { parseLabel } from "./label.ts";
import type { ParseResult } from "./result.ts";
import { parsed, refused } from "./result.ts";

/**
 * One thing or relation named by a GS1 key: a bag (SGTIN), a logistic unit (SSCC), a dry shipper (GRAI), a logger
 * (GIAI), or somebody's relation to an organisation (GSRN of a provider 8017 or recipient 8018), with the instance of
 * a therapy (SRIN, 8019) if the label says one.
 */
export type Gs1Key =
  | ({ kind: "sgtin" } & Sgtin)
  | { kind: "sscc"; sscc: string }
  | ({ kind: "grai" } & Grai)
  | { kind: "giai"; giai: string }
  | { kind: "gsrn"; role: "provider" | "recipient"; gsrn: string; serviceInstance?: string };

/** The forms a key is written in: as a scanner sends a GS1 DataMatrix, for people, or as a GS1 Digital Link URI. */
export type Gs1Form = "scanned" | "bracketed" | "digital-link";

const GS1_DATAMATRIX = "]d2";

function keyElements(key: Gs1Key): Elements {
  if (key.kind === "sgtin") return { "01": key.gtin, "21": key.serial };
  if (key.kind === "sscc") return { "00": key.sscc };
  if (key.kind === "grai") return { "8003": formatGrai(key) };
  if (key.kind === "giai") return { "8004": key.giai };
  const instance = key.serviceInstance === undefined ? {} : { "8019": key.serviceInstance };
  return { [key.role === "provider" ? "8017" : "8018"]: key.gsrn, ...instance };
}

/** Writes a key; the text parses back to the same key. */
export function formatGs1Key(key: Gs1Key, form: Gs1Form): string {
  const elements = keyElements(key);
  if (form === "bracketed") return formatBracketedElementString(elements);
  if (form === "scanned") return GS1_DATAMATRIX + formatElementString(elements);
  return epcsOf(elements)[0] ?? "";
}

/** Reads a label that names one key and nothing else, in any form, its check digits verified. */
export function parseGs1Key(text: string): ParseResult<Gs1Key> {
  const result = parseLabel(text);
  if (!result.ok) return result;
  const { label } = result;
  if (label.kind !== "gs1") return refused("key-unknown", `"${text}" is an ISBT 128 identifier, no GS1 key.`, text);
  const key = keyOf(label);
  if (key === null || Object.keys(keyElements(key)).length !== Object.keys(label.elements).length)
    return refused("key-unknown", `"${text}" is not one SGTIN, SSCC, GRAI, GIAI or GSRN and nothing else.`, text);
  return parsed(key);
}

function keyOf(label: { elements: Elements; sgtin?: Sgtin; sscc?: string; grai?: Grai; giai?: string }): Gs1Key | null {
  const { "8017": provider, "8018": recipient, "8019": serviceInstance } = label.elements;
  const gsrn = recipient ?? provider;
  if (label.sgtin !== undefined) return { kind: "sgtin", ...label.sgtin };
  if (label.sscc !== undefined) return { kind: "sscc", sscc: label.sscc };
  if (label.grai !== undefined) return { kind: "grai", ...label.grai };
  if (label.giai !== undefined) return { kind: "giai", giai: label.giai };
  if (gsrn === undefined) return null;
  const role = recipient === undefined ? "provider" : "recipient";
  return { kind: "gsrn", role, gsrn, ...(serviceInstance === undefined ? {} : { serviceInstance }) };
}
