import { escapeText, fieldOf, STANDARD_SEPARATORS } from "./message.ts";
import type { Hl7Message } from "./message.ts";
import { headerOf, HL7_ERRORS } from "./patient-event.ts";
import type { Hl7ErrorCode } from "./patient-event.ts";

/** HL7 table 0008: application accept, error, reject. */
export type AcknowledgementCode = "AA" | "AE" | "AR";

export interface Acknowledgement {
  code: AcknowledgementCode;
  /** What happened, for people. Never an identifier of a patient. */
  text: string;
  error?: Hl7ErrorCode | undefined;
  /** MSH-10 of the answer, at most 20 characters. */
  controlId: string;
  answeredAt: Date;
}

/**
 * The general acknowledgement (HL7 v2, chapter 2, ACK): sender and receiver change places, MSA-2 repeats the control id.
 * `message` is undefined when it could not be read.
 */
export function acknowledgementOf(message: Hl7Message | undefined, { code, text, error, controlId, answeredAt }: Acknowledgement): string {
  const encode = (value: string) => escapeText(STANDARD_SEPARATORS, value);
  const header = (field: number) => (message === undefined ? "" : repeated(message, field));
  const version = header(12) === "" ? "2.5.1" : header(12);
  const event = message === undefined ? "" : (safeField(message, 9)[0]?.[1]?.[0] ?? "");
  const type = event === "" ? "ACK" : `ACK^${encode(event)}^ACK`;
  const segments = [
    ["MSH", "^~\\&", header(5), header(6), header(3), header(4), timestamp(answeredAt), "", type, encode(controlId), "P", version],
    ["MSA", code, header(10), encode(text)],
    ...(error === undefined ? [] : [["ERR", "", "", `${error}^${HL7_ERRORS[error]}^HL70357`, "E", "", "", "", encode(text)]]),
  ];
  return segments.map((segment) => `${segment.join("|")}\r`).join("");
}

/** A header field of the message, written anew in the standard separators. */
function repeated(message: Hl7Message, field: number): string {
  const [components = []] = safeField(message, field);
  return components
    .map((part) => part.map((value) => escapeText(STANDARD_SEPARATORS, value)).join("&"))
    .join("^");
}

/** A header field that cannot be read is left out of the answer, which must be given all the same. */
function safeField(message: Hl7Message, field: number): string[][][] {
  try {
    return fieldOf(message, headerOf(message), field);
  } catch {
    return [];
  }
}

function timestamp(moment: Date): string {
  return `${moment.toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}+0000`;
}
