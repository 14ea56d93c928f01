import { Wallet } from "ethers";
import type { TypedData } from "../model/signing/index.ts";

/** A key that signs; what holds it (a file, a card, a vault) is the participant's own affair. */
export interface SigningKey {
  /** Its account on the ledger. */
  account: string;
  /** EIP-712; 65 bytes hexadecimal. */
  sign(typedData: TypedData): Promise<string>;
}

/** A secp256k1 key in memory, 32 bytes hexadecimal. */
export function signingKeyOf(privateKey: string): SigningKey {
  const wallet = new Wallet(privateKey);
  return { account: wallet.address, sign: ({ domain, types, message }) => wallet.signTypedData(domain, types, message) };
}

/** A new key, made where it is to stay. Returned with its private part, for a caller that keeps it. */
export function newPrivateKey(): string {
  return Wallet.createRandom().privateKey;
}
