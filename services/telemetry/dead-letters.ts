import { createHash } from "node:crypto";
import type { Transaction } from "kysely";
import type { Database } from "../store/schema.ts";
import { journeyCipher, sealedDeadLetter, vaultOf } from "../store/vault/index.ts";
import type { Vault } from "../store/vault/index.ts";
import type { IncomingMessage, Refused } from "./message-verification.ts";

/** Bytes of a refused payload that are kept. */
export const KEPT_PAYLOAD_BYTES = 64 * 1024;

/** Keeps refused messages with the reason, in the caller's transaction: nothing is dropped silently. */
export async function storeDeadLetters(transaction: Transaction<Database>, letters: readonly { incoming: IncomingMessage; refused: Refused }[]): Promise<void> {
  if (letters.length === 0) return;
  const cipher = await journeyCipher(transaction, []);
  const vault = vaultOf(transaction);
  await transaction
    .insertInto("dead_letters")
    .values(
      letters.map(({ incoming, refused }) => ({
        reason: refused.reason,
        sealed_letter: sealedDeadLetter.seal(cipher, null, `${incoming.receivedAtMilliseconds}`, {
          topic: printable(incoming.topic),
          payload: keptPayload(incoming.payload),
          detail: printable(refused.detail),
        }),
        payload_digest: payloadDigest(vault, incoming.payload),
        received_at_milliseconds: incoming.receivedAtMilliseconds,
      })),
    )
    .execute();
}

/** What stands for a payload when its text is gone; only this node can tell whether a payload is the one. 64 hex digits. */
export function payloadDigest(vault: Vault, payload: Buffer): string {
  return vault.blindIndex("dead_letters/payload", createHash("sha256").update(payload).digest("hex"));
}

/**
 * A payload as text: itself when it is UTF-8 without NUL, `base64:…` when not; cut at `KEPT_PAYLOAD_BYTES` and then
 * followed by its full length.
 */
export function keptPayload(payload: Buffer): string {
  const kept = payload.subarray(0, KEPT_PAYLOAD_BYTES);
  const cut = payload.length > kept.length ? ` [cut: ${payload.length} bytes]` : "";
  const text = kept.toString("utf8");
  const isText = Buffer.from(text, "utf8").equals(kept) && !text.includes("\u0000");
  return (isText ? text : `base64:${kept.toString("base64")}`) + cut;
}

function printable(text: string): string {
  return text.replaceAll("\u0000", "\\u0000");
}
