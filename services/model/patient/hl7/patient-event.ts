import { ThreadlineError } from "../../errors.ts";
import { localIdentifierSchema } from "../local-identifier.ts";
import type { LocalIdentifier } from "../local-identifier.ts";
import { fieldOf, valueOf } from "./message.ts";
import type { Hl7Message, Hl7Segment } from "./message.ts";

export interface IdentifierPair {
  surviving: LocalIdentifier;
  subsumed: LocalIdentifier;
}

/** What an ADT message asks of the crosswalk. */
export type PatientEvent =
  | { kind: "merge"; pairs: IdentifierPair[] }
  | { kind: "unlink"; pair: IdentifierPair }
  | { kind: "none"; reason: string }
  | { kind: "unsupported"; error: Hl7ErrorCode; reason: string };

/** HL7 table 0357, message error condition codes. */
export const HL7_ERRORS = {
  "100": "Segment sequence error",
  "101": "Required field missing",
  "102": "Data type error",
  "200": "Unsupported message type",
  "201": "Unsupported event code",
  "202": "Unsupported processing id",
  "203": "Unsupported version id",
  "204": "Unknown key identifier",
  "207": "Application internal error",
} as const;

export type Hl7ErrorCode = keyof typeof HL7_ERRORS;

/** A40 merge patient - identifier list; A18 and A34 are its older forms. */
const MERGES = ["A40", "A34", "A18"];

/** Events that change no identifier. Others of ADT that do are refused rather than passed over in silence. */
const WITHOUT_IDENTIFIERS = ["A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A11", "A12", "A13", "A28", "A31"];

/** Reads an ADT message (HL7 v2, chapter 3). Throws `hl7-malformed`, or `hl7-invalid` with the code of table 0357. */
export function patientEventOf(message: Hl7Message): PatientEvent {
  const header = headerOf(message);
  const [type, event] = [valueOf(message, header, 9), valueOf(message, header, 9, 2)];
  if (!/^2\.[1-9](\.\d)?$/.test(valueOf(message, header, 12)))
    return { kind: "unsupported", error: "203", reason: "MSH-12 names no version of HL7 v2" };
  if (valueOf(message, header, 11) !== "P")
    return { kind: "unsupported", error: "202", reason: "MSH-11 is not P: training and debugging messages change no patient" };
  if (valueOf(message, header, 10) === "") throw invalid("101", "MSH-10, the message control id, is empty");
  if (type !== "ADT") return { kind: "unsupported", error: "200", reason: "only ADT messages are taken" };
  if (MERGES.includes(event)) return { kind: "merge", pairs: mergedPairs(message) };
  if (event === "A37") return { kind: "unlink", pair: unlinkedPair(message) };
  if (WITHOUT_IDENTIFIERS.includes(event))
    return { kind: "none", reason: `ADT ${event} changes no identifier; nothing was stored` };
  return { kind: "unsupported", error: "201", reason: "this ADT event is not supported; A40 merges, A37 unlinks" };
}

/** What makes a message itself and no other: its sender (MSH-3, MSH-4), its time (MSH-7) and its control id (MSH-10). */
export function messageIdentityOf(message: Hl7Message): string {
  const header = headerOf(message);
  return JSON.stringify([3, 4, 7, 10].map((field) => header.fields[field] ?? ""));
}

export function headerOf(message: Hl7Message): Hl7Segment {
  const [header] = message.segments;
  if (header === undefined) throw new ThreadlineError("hl7-malformed", "the message has no MSH");
  return header;
}

/** Every PID has its MRG after it; pairs whose identifier stays the same say nothing and are left out. */
function mergedPairs(message: Hl7Message): IdentifierPair[] {
  const pairs: IdentifierPair[] = [];
  let patient: Hl7Segment | undefined;
  for (const segment of message.segments.filter(({ name }) => name === "PID" || name === "MRG")) {
    if ((segment.name === "MRG") !== (patient !== undefined)) throw invalid("100", "each PID must be followed by its one MRG");
    if (patient !== undefined) pairs.push(...pairsOf(identifiersIn(message, patient, 3), identifiersIn(message, segment, 1)));
    patient = patient === undefined ? segment : undefined;
  }
  if (patient !== undefined || pairs.length === 0) throw invalid("100", "the message has no PID followed by its MRG");
  const changed = pairs.filter(({ surviving, subsumed }) => surviving.value !== subsumed.value);
  return changed.length === 0 ? pairs : changed;
}

function pairsOf(surviving: readonly TypedIdentifier[], subsumed: readonly TypedIdentifier[]): IdentifierPair[] {
  const pairs = subsumed.flatMap((prior) => {
    const candidates = surviving.filter(({ identifier, type }) => identifier.system === prior.identifier.system && agree(type, prior.type));
    if (candidates.length > 1) throw invalid("102", "several identifiers of PID-3 could replace one of MRG-1; send one per assigning authority and type");
    return candidates.map(({ identifier }) => ({ surviving: identifier, subsumed: prior.identifier }));
  });
  if (pairs.length === 0) throw invalid("101", "no identifier of MRG-1 has the assigning authority of one in PID-3");
  return pairs;
}

function agree(first: string, second: string): boolean {
  return first === "" || second === "" || first === second;
}

function unlinkedPair(message: Hl7Message): IdentifierPair {
  const [first, second, ...others] = message.segments.filter(({ name }) => name === "PID");
  if (first === undefined || second === undefined || others.length > 0) throw invalid("100", "ADT A37 has exactly two PID segments");
  const pairs = pairsOf(identifiersIn(message, first, 3), identifiersIn(message, second, 3));
  const [pair, ...more] = pairs.filter(({ surviving, subsumed }) => surviving.value !== subsumed.value);
  if (pair === undefined || more.length > 0) throw invalid("102", "the two PID-3 must differ in the identifier of exactly one assigning authority");
  return pair;
}

interface TypedIdentifier {
  identifier: LocalIdentifier;
  /** CX.5, identifier type code; empty when not given. */
  type: string;
}

/** CX: 1 identifier, 4 assigning authority, 5 type. One without assigning authority names nobody and is refused. */
function identifiersIn(message: Hl7Message, segment: Hl7Segment, field: number): TypedIdentifier[] {
  const where = `${segment.name}-${field}`;
  const repetitions = fieldOf(message, segment, field).filter((components) => components.some((part) => part.some((value) => value !== "")));
  if (repetitions.length === 0) throw invalid("101", `${where} is empty`);
  return repetitions.map((components) => {
    const system = assigningAuthority(components[3] ?? []);
    if (system === undefined) throw invalid("101", `an identifier in ${where} has no assigning authority (CX.4)`);
    const parsed = localIdentifierSchema.safeParse({ system, value: components[0]?.[0] ?? "" });
    if (!parsed.success || parsed.data.value.includes("\uFFFD"))
      throw invalid("102", `an identifier in ${where} is empty, too long, or holds characters that cannot be read`);
    return { identifier: parsed.data, type: components[4]?.[0] ?? "" };
  });
}

/** HD: namespace id, universal id, type of the universal id. A namespace alone is local to the sender, as identifiers are. */
function assigningAuthority([namespace = "", universal = "", type = ""]: readonly string[]): string | undefined {
  if (universal !== "" && type === "ISO") return `urn:oid:${universal}`;
  if (universal !== "" && (type === "UUID" || type === "GUID")) return `urn:uuid:${universal.toLowerCase()}`;
  if (universal !== "" && type === "URI") return universal;
  if (universal !== "") return `hl7v2:${encodeURIComponent(type)}:${encodeURIComponent(universal)}`;
  return namespace === "" ? undefined : `hl7v2:namespace:${encodeURIComponent(namespace)}`;
}

function invalid(error: Hl7ErrorCode, message: string): ThreadlineError {
  return new ThreadlineError("hl7-invalid", message, { error });
}
