import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { canonicalJson } from "../canonical-json.ts";

/** An EPCIS event as it was received: its own text and that of the JSON-LD context it was read under. */
export interface EventText {
  body: string;
  context: string;
}

/** Keccak-256 of bytes. */
export type Keccak256 = (bytes: Uint8Array) => Uint8Array;

/**
 * One thing an event says, as it is committed. `path` is the JSON pointer (RFC 6901) of a field in the event, or one of
 * the two names that are no pointer, since a pointer of a member begins with "/": TEXT_PATH and CONTEXT_PATH.
 */
export interface EventLeaf {
  path: string;
  /** Canonical JSON (RFC 8785) of the value, so that the text "5" and the number 5 are different leaves. */
  value: string;
  /** 32 bytes, own to this leaf. */
  salt: Uint8Array;
}

/** The leaf that binds the event's exact text: CBV 2.0 event hash, and Keccak-256 of context, line feed and body. */
export const TEXT_PATH = "text";

/** The leaf of the JSON-LD context, which says what the prefixes in the event's field names stand for. */
export const CONTEXT_PATH = "context";

const SALT_PURPOSE = utf8ToBytes("threadline/leaf-salt/1:");

/**
 * Everything an event says, leaf by leaf: its exact text, its context, and every scalar (and every empty object and
 * list) of its body. Each leaf has a salt of its own, Keccak-256 of the event's 32-byte salt, a purpose and the path:
 * a sponge keyed by its prefix is a pseudorandom function, so one leaf's salt tells nothing of the others' or of the
 * event's (the reason HMAC would be used with a Merkle-Damgård hash does not hold for Keccak; see KMAC, NIST SP 800-185).
 */
export function eventLeaves(
  eventHash: Uint8Array,
  text: EventText,
  salt: Uint8Array,
  keccak: Keccak256 = keccak_256,
): EventLeaf[] {
  if (salt.length !== 32) throw new RangeError(`an event's salt has 32 bytes, not ${salt.length}`);
  const textHash = keccak(utf8ToBytes(`${text.context}\n${text.body}`));
  const binding = { eventHash: `0x${bytesToHex(eventHash)}`, textHash: `0x${bytesToHex(textHash)}` };
  const fields: [path: string, value: string][] = [
    [TEXT_PATH, canonicalJson(binding)],
    [CONTEXT_PATH, canonicalJson(JSON.parse(text.context))],
  ];
  collectFields(JSON.parse(text.body), "", fields);
  return fields.map(([path, value]) => ({
    path,
    value,
    salt: keccak(concatBytes(salt, SALT_PURPOSE, utf8ToBytes(path))),
  }));
}

function collectFields(value: unknown, path: string, fields: [path: string, value: string][]): void {
  const isContainer = typeof value === "object" && value !== null;
  const members = isContainer ? Object.entries(value) : [];
  if (members.length === 0) fields.push([path, canonicalJson(value)]);
  for (const [key, member] of members) collectFields(member, `${path}/${escapeKey(key)}`, fields);
}

/** RFC 6901: "~" and "/" in a member's name are written "~0" and "~1". */
function escapeKey(key: string): string {
  return /[~/]/.test(key) ? key.replaceAll("~", "~0").replaceAll("/", "~1") : key;
}
