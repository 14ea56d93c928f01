import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { eventLeaves } from "./event-leaves.ts";
import type { EventLeaf, EventText, Keccak256 } from "./event-leaves.ts";

/** ABI types of a leaf: path, canonical value, leaf salt. */
export const LEAF_ENCODING = ["string", "string", "bytes32"];

/**
 * Salted commitment of one EPCIS event, 0x and 64 hex digits: the root of an OpenZeppelin StandardMerkleTree over its
 * leaves, so that one field can be shown and checked against the ledger without the rest. It is the fast twin of the
 * library, which makes the proofs (disclosure.ts); a parity test holds them together. `keccak` may be a faster one.
 */
export function eventCommitment(
  eventHash: Uint8Array,
  text: EventText,
  salt: Uint8Array,
  keccak: Keccak256 = keccak_256,
): string {
  return merkleRoot(eventLeaves(eventHash, text, salt, keccak), keccak);
}

/**
 * Root of the standard tree: leaves are hashed twice, so that no inner node (one hash of 64 bytes) can pose as a leaf;
 * they stand in ascending order at the end of a complete binary tree, and a node hashes its children in ascending order.
 */
function merkleRoot(leaves: readonly EventLeaf[], keccak: Keccak256): string {
  const hashes = leaves.map((leaf) => keccak(keccak(encodeLeaf(leaf)))).sort(compareBytes);
  const tree = new Array<Uint8Array>(2 * hashes.length - 1);
  hashes.forEach((hash, index) => (tree[tree.length - 1 - index] = hash));
  const pair = new Uint8Array(64);
  for (let node = hashes.length - 2; node >= 0; node--) {
    const [left, right] = [tree[2 * node + 1], tree[2 * node + 2]];
    if (left === undefined || right === undefined) throw new RangeError(`node ${node} of the tree has no children`);
    const ascending = compareBytes(left, right) <= 0;
    pair.set(ascending ? left : right);
    pair.set(ascending ? right : left, 32);
    tree[node] = keccak(pair);
  }
  const [root] = tree;
  if (root === undefined) throw new RangeError("an event without leaves has no commitment");
  return `0x${bytesToHex(root)}`;
}

const WORD = 32;

/** ABI encoding of (string, string, bytes32): two offsets and the salt, then each text with its length, padded. */
function encodeLeaf({ path, value, salt }: EventLeaf): Uint8Array {
  const texts = [utf8ToBytes(path), utf8ToBytes(value)];
  const sizes = texts.map((text) => WORD + Math.ceil(text.length / WORD) * WORD);
  const encoded = new Uint8Array(3 * WORD + sizes.reduce((sum, size) => sum + size, 0));
  const view = new DataView(encoded.buffer);
  const writeNumber = (at: number, number: number) => view.setUint32(at + WORD - 4, number);
  let offset = 3 * WORD;
  texts.forEach((text, index) => {
    writeNumber(index * WORD, offset);
    writeNumber(offset, text.length);
    encoded.set(text, offset + WORD);
    offset += sizes[index] ?? 0;
  });
  encoded.set(salt, 2 * WORD);
  return encoded;
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  for (let index = 0; index < left.length; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
