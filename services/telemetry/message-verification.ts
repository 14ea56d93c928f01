import { z } from "zod";
import type { MessageVerifier } from "../device/index.ts";
import { deviceMessageSchema, keyIdOf, parseDeviceTopic } from "../device/index.ts";
import type { DeviceMessage, MessageAlgorithm } from "../device/index.ts";
import { participantIdOf } from "../model/custody/identifiers.ts";

/** Why a message was refused; the reason in `dead_letters`. */
export type RefusalReason =
  | "topic-invalid"
  | "payload-too-large"
  | "payload-not-utf8"
  | "signature-missing"
  | "device-not-enrolled"
  | "topic-mismatch"
  | "header-invalid"
  | "algorithm-refused"
  | "key-mismatch"
  | "signature-invalid"
  | "payload-invalid"
  | "not-assigned"
  | "segment-invalid"
  | "sequence-conflict"
  | "not-storable";

export interface IncomingMessage {
  topic: string;
  payload: Buffer;
  receivedAtMilliseconds: number;
}

/** An enrolled device as verification needs it. */
export interface EnrolledDevice {
  giai: string;
  ownerParticipantId: string;
  keyEpoch: number;
  algorithm: MessageAlgorithm;
  verifier: MessageVerifier;
  /** Unix seconds. */
  calibratedFrom: number;
  calibratedUntil: number;
}

export interface Accepted {
  ok: true;
  message: DeviceMessage;
  /** JWS compact serialisation as received: the evidence. */
  body: string;
  device: EnrolledDevice;
  ownerGln: string;
}

/** `giai` is the topic's device, null when the topic names none. */
export interface Refused {
  ok: false;
  reason: RefusalReason;
  detail: string;
  giai: string | null;
}

export const LARGEST_PAYLOAD_BYTES = 256 * 1024;

const headerSchema = z.strictObject({ alg: z.string(), kid: z.string() });

/**
 * Checks one message against what this node knows of the device: topic, size, encoding, header, signature, payload.
 * The algorithm is the enrolled key's, never the message's choice.
 */
export async function verifyMessage(
  topicRoot: string,
  { topic, payload }: IncomingMessage,
  deviceOf: (giai: string) => EnrolledDevice | undefined,
): Promise<Accepted | Refused> {
  const place = topicParts(topicRoot, topic);
  if (place === null) return refuse(null, "topic-invalid", `"${topic}" is not ${topicRoot}/{gln}/{giai}/{readings|segments}`);
  const { giai, ownerGln, leaf } = place;
  if (payload.length > LARGEST_PAYLOAD_BYTES)
    return refuse(giai, "payload-too-large", `${payload.length} bytes, at most ${LARGEST_PAYLOAD_BYTES} are taken`);
  const text = utf8(payload);
  if (text === null) return refuse(giai, "payload-not-utf8", "the payload is not UTF-8 text");
  const [header, , signature] = text.split(".");
  if (header === undefined || !signature || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text))
    return refuse(giai, "signature-missing", "the payload is no JWS in compact serialisation");

  const device = deviceOf(giai);
  if (device === undefined) return refuse(giai, "device-not-enrolled", `no device ${giai} is enrolled`);
  if (participantIdOf(ownerGln) !== device.ownerParticipantId)
    return refuse(giai, "topic-mismatch", `${giai} does not belong to GLN ${ownerGln}`);
  const headerFault = checkHeader(header, device);
  if (headerFault !== null) return refuse(giai, headerFault.reason, headerFault.detail);
  const bytes = await device.verifier.verify(text).catch(() => null);
  if (bytes === null) return refuse(giai, "signature-invalid", `the signature is not of key ${keyIdOf(giai, device.keyEpoch)}`);

  const parsed = parsePayload(bytes);
  if (typeof parsed === "string") return refuse(giai, "payload-invalid", parsed);
  if (parsed.giai !== giai || parsed.keyEpoch !== device.keyEpoch)
    return refuse(giai, "topic-mismatch", `the payload is of ${keyIdOf(parsed.giai, parsed.keyEpoch)}, the topic's device is ${keyIdOf(giai, device.keyEpoch)}`);
  if ((parsed.type === "segment") !== (leaf === "segments"))
    return refuse(giai, "topic-mismatch", `a ${parsed.type} message came on ${leaf}`);
  return { ok: true, message: parsed, body: text, device, ownerGln };
}

/** The message in a stored body, whose signature was verified before it was stored. */
export function messageOfBody(body: string): DeviceMessage {
  const parsed = parsePayload(Buffer.from(body.split(".")[1] ?? "", "base64url"));
  if (typeof parsed === "string") throw new TypeError(`a stored message does not parse: ${parsed}`);
  return parsed;
}

/** What was signed: two bodies with the same are the same message, though ECDSA signs anew each time. */
export function signedPart(body: string): string {
  return body.slice(0, body.lastIndexOf("."));
}

/** The device a topic names, or null. */
export function parsedGiai(root: string, topic: string): string | null {
  return topicParts(root, topic)?.giai ?? null;
}

function topicParts(root: string, topic: string) {
  try {
    const parts = parseDeviceTopic(root, topic);
    return parts.leaf === "readings" || parts.leaf === "segments" ? parts : null;
  } catch {
    return null;
  }
}

function checkHeader(encoded: string, device: EnrolledDevice): { reason: RefusalReason; detail: string } | null {
  const header = headerSchema.safeParse(json(Buffer.from(encoded, "base64url")));
  if (!header.success) return { reason: "header-invalid", detail: `the protected header needs alg and kid, and nothing else` };
  const { alg, kid } = header.data;
  if (alg !== device.algorithm) return { reason: "algorithm-refused", detail: `alg is ${clip(alg)}, the enrolled key signs with ${device.algorithm}` };
  const expected = keyIdOf(device.giai, device.keyEpoch);
  return kid === expected ? null : { reason: "key-mismatch", detail: `kid is ${clip(kid)}, the enrolled key is ${expected}` };
}

function parsePayload(bytes: Uint8Array): DeviceMessage | string {
  const value = json(bytes);
  if (value === undefined) return "the signed payload is no JSON, or has a member named __proto__, prototype or constructor";
  const parsed = deviceMessageSchema.safeParse(value);
  return parsed.success ? parsed.data : clip(z.prettifyError(parsed.error), 1_000);
}

const FORBIDDEN_MEMBERS = new Set(["__proto__", "prototype", "constructor"]);

/** Looking at every member is slow, so it is done only where a forbidden name stands, or an escape that may hide one. */
const MAY_NAME_FORBIDDEN = /__proto__|prototype|constructor|\\/;

function refuseForbidden(key: string, value: unknown): unknown {
  if (FORBIDDEN_MEMBERS.has(key)) throw new SyntaxError(`a member named ${key}`);
  return value;
}

function json(bytes: Uint8Array): unknown {
  const text = utf8(bytes);
  if (text === null) return undefined;
  try {
    return MAY_NAME_FORBIDDEN.test(text) ? JSON.parse(text, refuseForbidden) : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function refuse(giai: string | null, reason: RefusalReason, detail: string): Refused {
  return { ok: false, giai, reason, detail };
}

function clip(text: string, length = 80): string {
  return JSON.stringify(text.length > length ? `${text.slice(0, length)}…` : text).slice(1, -1);
}
