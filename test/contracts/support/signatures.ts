import { Signature, toBeHex } from "ethers";

const SECP256K1_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/**
 * Byte strings that are no signature although they come close to a valid one: among them the twin with a high s,
 * which recovers to the same account where a library allows it.
 */
export function malformedSignatures(valid: string): [string, string][] {
  const { r, s, yParity } = Signature.from(valid);
  const highS = toBeHex(SECP256K1_ORDER - BigInt(s), 32);
  const join = (sText: string, v: number) => `${r}${sText.slice(2)}${toBeHex(v, 1).slice(2)}`;
  return [
    ["empty", "0x"],
    ["with a high s", join(highS, 28 - yParity)],
    ["with v = 0 or 1", join(s, yParity)],
    ["with v = 29", join(s, 29)],
    ["compact", Signature.from(valid).compactSerialized],
    ["short by a byte", valid.slice(0, -2)],
    ["long by a byte", `${valid}00`],
    ["all zero", `0x${"00".repeat(65)}`],
  ];
}
