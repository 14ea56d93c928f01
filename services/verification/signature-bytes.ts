import type { SignerRecovery } from "./signer-recovery.ts";

const SIGNATURE_HEX_LENGTH = 2 + 2 * 65;
const TOP_BIT = 1n << 255n;

/** Account a 65-byte signature (r, s, v) recovers to; null for any other length, a v beside 27 and 28, or a high s. */
export function recoverBytesSignature(recovery: SignerRecovery, digest: Uint8Array, signature: string): string | null {
  if (signature.length !== SIGNATURE_HEX_LENGTH) return null;
  const r = BigInt(`0x${signature.slice(2, 66)}`);
  const s = BigInt(`0x${signature.slice(66, 130)}`);
  const v = Number.parseInt(signature.slice(130), 16);
  if (s >= TOP_BIT || (v !== 27 && v !== 28)) return null;
  return recovery.recover({ digest, r, vs: v === 28 ? s | TOP_BIT : s });
}
