import { createKeccak } from "hash-wasm";

/** Keccak-256 in WebAssembly: some ten times faster than the JavaScript ones, which bounds a replay's speed. */
export interface Hasher {
  hash(bytes: Uint8Array): Uint8Array;
  hashHex(bytes: Uint8Array): string;
}

export async function createHasher(): Promise<Hasher> {
  const keccak = await createKeccak(256);
  return {
    hash: (bytes) => keccak.init().update(bytes).digest("binary"),
    hashHex: (bytes) => `0x${keccak.init().update(bytes).digest("hex")}`,
  };
}

/** Writes 0x-prefixed hex into `target` and returns the offset after it. */
export function writeHex(target: Buffer, hex: string, offset: number): number {
  return offset + target.write(hex.slice(2), offset, "hex");
}
