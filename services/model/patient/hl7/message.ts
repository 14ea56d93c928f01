import { ThreadlineError } from "../../errors.ts";

/** HL7 v2 separators, as MSH-1 and MSH-2 of each message declare them. */
export interface Separators {
  field: string;
  component: string;
  repetition: string;
  escape: string;
  subcomponent: string;
}

export const STANDARD_SEPARATORS: Separators = { field: "|", component: "^", repetition: "~", escape: "\\", subcomponent: "&" };

export interface Hl7Segment {
  name: string;
  /** Field texts as sent; `fields[n]` is field n of the standard, so that MSH-1 is the separator itself. */
  fields: readonly string[];
}

export interface Hl7Message {
  separators: Separators;
  segments: readonly Hl7Segment[];
}

const MOST_SEGMENTS = 500;

/** Printable ASCII that is neither letter, digit nor space. */
const SEPARATOR = /^[!-/:-@[-`{-~]$/;

/**
 * Reads the vertical bar encoding (ER7) of HL7 v2, chapter 2. Segments end with a carriage return; line feeds are taken
 * too, since many senders write them. Throws `hl7-malformed`; nothing of the message is in the error, since it names
 * patients.
 */
export function parseHl7Message(text: string): Hl7Message {
  const separators = separatorsOf(text);
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line !== "");
  if (lines.length > MOST_SEGMENTS) throw malformed(`the message has more than ${MOST_SEGMENTS} segments`);
  const segments = lines.map((line, place): Hl7Segment => {
    const [name = "", ...fields] = line.split(separators.field);
    if (!/^[A-Z][A-Z0-9]{2}$/.test(name)) throw malformed(`segment ${place + 1} has no three-character name before a field separator`);
    if (name === "MSH" && place > 0) throw malformed(`segment ${place + 1} is a second MSH; send one message at a time`);
    return { name, fields: name === "MSH" ? [name, separators.field, ...fields] : [name, ...fields] };
  });
  return { separators, segments };
}

function separatorsOf(text: string): Separators {
  if (!text.startsWith("MSH")) throw malformed("the message does not start with MSH");
  const field = text.charAt(3);
  const encoding = text.slice(4).split(field, 1)[0] ?? "";
  const all = [field, ...encoding];
  if (encoding.length < 4 || encoding.length > 5) throw malformed("MSH-2 must hold four or five encoding characters");
  if (all.some((character) => !SEPARATOR.test(character)) || new Set(all).size !== all.length)
    throw malformed("MSH-1 and MSH-2 must be different punctuation characters");
  const [component = "", repetition = "", escape = "", subcomponent = ""] = encoding;
  return { field, component, repetition, escape, subcomponent };
}

/** A field taken apart: repetitions of components of subcomponents, escapes resolved. Throws `hl7-malformed`. */
export function fieldOf(message: Hl7Message, segment: Hl7Segment, number: number): string[][][] {
  const { repetition, component, subcomponent } = message.separators;
  const text = segment.fields[number] ?? "";
  if (text === "" || text === '""') return [];
  return text
    .split(repetition)
    .map((each) => each.split(component).map((part) => part.split(subcomponent).map((value) => unescapeText(message.separators, value))));
}

/** First subcomponent of a component (from 1) of a field's first repetition; empty when it is not there. */
export function valueOf(message: Hl7Message, segment: Hl7Segment, number: number, component = 1): string {
  return fieldOf(message, segment, number)[0]?.[component - 1]?.[0] ?? "";
}

/**
 * Resolves escape sequences (chapter 2, § 2.7): \F\ \S\ \T\ \R\ \E\ and \Xhh..\ of printable ASCII. Any other is refused:
 * an identifier that is read in two ways names two patients.
 */
export function unescapeText(separators: Separators, text: string): string {
  const pieces = text.split(separators.escape);
  if (pieces.length % 2 === 0) throw malformed("an escape sequence is not closed");
  return pieces.map((piece, place) => (place % 2 === 0 ? piece : escaped(separators, piece))).join("");
}

function escaped(separators: Separators, sequence: string): string {
  const { field, component, subcomponent, repetition, escape } = separators;
  const plain = new Map([["F", field], ["S", component], ["T", subcomponent], ["R", repetition], ["E", escape]]).get(sequence);
  if (plain !== undefined) return plain;
  if (!/^X(?:[2-6][0-9A-Fa-f]|7[0-9A-Ea-e])+$/.test(sequence)) throw malformed("an escape sequence is not supported in an identifier");
  return sequence.slice(1).replaceAll(/../g, (code) => String.fromCharCode(parseInt(code, 16)));
}

/** Writes a value so that no character of it is read as a separator. Control characters become spaces. */
export function escapeText(separators: Separators, text: string): string {
  const { field, component, subcomponent, repetition, escape } = separators;
  const names = new Map([[escape, "E"], [field, "F"], [component, "S"], [subcomponent, "T"], [repetition, "R"]]);
  return [...text.replaceAll(/\p{Cc}/gu, " ")]
    .map((character) => (names.has(character) ? `${escape}${names.get(character)}${escape}` : character))
    .join("");
}

function malformed(message: string): ThreadlineError {
  return new ThreadlineError("hl7-malformed", message);
}
