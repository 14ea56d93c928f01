import { FpInvertBatch } from "@noble/curves/abstract/modular.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { createFixedBaseTable, sumOfProducts } from "./fixed-base.ts";
import type { FixedBaseTable } from "./fixed-base.ts";
import type { Hasher } from "./keccak.ts";

const { Point } = secp256k1;
const ORDER = Point.Fn.ORDER;
const HALF_ORDER = ORDER >> 1n;
/** From this many signatures on, a key's table (some 60 ms) pays for itself. */
const TABLE_PAYS_FROM = 150;
const LANES_PER_BATCH = 512;
/** A participant has few keys; beyond this many, signatures are recovered one by one. */
const TABLES_PER_GROUP = 4;

/** A signature in EIP-2098's two parts: `vs` holds s and, in its top bit, the parity of R's y. */
export interface CompactSignature {
  digest: Uint8Array;
  r: bigint;
  vs: bigint;
}

export interface SignerRecovery {
  /** Account (lower case) a signature recovers to, as `ecrecover` with OpenZeppelin's low-s rule; null for none. */
  recover(signature: CompactSignature): string | null;
  /** The same for many, faster: signatures with the same `group` (a participant) tend to share a key. */
  recoverAll(signatures: readonly (CompactSignature & { group: number })[]): (string | null)[];
}

interface KnownKey {
  account: string;
  table: FixedBaseTable;
}

export function createSignerRecovery(hasher: Hasher): SignerRecovery {
  let baseTable: FixedBaseTable | null = null;

  const publicKeyOf = ({ digest, r, vs }: CompactSignature) => {
    const { s, parity } = split(vs);
    if (r <= 0n || r >= ORDER || s <= 0n || s > HALF_ORDER) return null;
    try {
      return new secp256k1.Signature(r, s, parity).recoverPublicKey(digest);
    } catch {
      return null;
    }
  };
  const accountOf = (publicKey: InstanceType<typeof Point>): string =>
    `0x${Buffer.from(hasher.hash(publicKey.toBytes(false).subarray(1)).subarray(12)).toString("hex")}`;
  const recover = (signature: CompactSignature): string | null => {
    const publicKey = publicKeyOf(signature);
    return publicKey === null ? null : accountOf(publicKey);
  };

  /** Takes the first signature's key and keeps the places it did not make for the next round. */
  const recoverGroup = (signatures: readonly CompactSignature[], places: number[], accounts: (string | null)[]) => {
    let rest = places;
    for (let tables = 0; tables < TABLES_PER_GROUP && rest.length >= TABLE_PAYS_FROM; tables += 1) {
      const [first, ...others] = rest as [number, ...number[]];
      const publicKey = publicKeyOf(signatures[first] as CompactSignature);
      rest = others;
      if (publicKey === null) continue;
      const key: KnownKey = { account: accountOf(publicKey), table: createFixedBaseTable(publicKey) };
      accounts[first] = key.account;
      baseTable ??= createFixedBaseTable(Point.BASE);
      const unmatched: number[] = [];
      for (let start = 0; start < others.length; start += LANES_PER_BATCH) {
        const batch = others.slice(start, start + LANES_PER_BATCH);
        const made = areMadeBy(key.table, baseTable, batch.map((place) => signatures[place] as CompactSignature));
        batch.forEach((place, lane) => {
          if (made[lane] === true) accounts[place] = key.account;
          else unmatched.push(place);
        });
      }
      rest = unmatched;
    }
    for (const place of rest) accounts[place] = recover(signatures[place] as CompactSignature);
  };

  return {
    recover,
    recoverAll(signatures) {
      const accounts = signatures.map((): string | null => null);
      const groups = new Map<number, number[]>();
      signatures.forEach(({ group }, place) => {
        const places = groups.get(group);
        if (places === undefined) groups.set(group, [place]);
        else places.push(place);
      });
      for (const places of groups.values()) recoverGroup(signatures, places, accounts);
      return accounts;
    },
  };
}

/**
 * Whether each signature recovers to the key of `keyTable`: R = (z/s)·G + (r/s)·Q must have x = r and the parity
 * given, which is the recovery equation solved for R. False also for an exceptional lane, to be recovered alone.
 */
function areMadeBy(keyTable: FixedBaseTable, baseTable: FixedBaseTable, signatures: readonly CompactSignature[]): boolean[] {
  const parts = signatures.map(({ digest, r, vs }) => {
    const { s, parity } = split(vs);
    const isInRange = r > 0n && r < ORDER && s > 0n && s <= HALF_ORDER;
    return { z: BigInt(`0x${Buffer.from(digest).toString("hex")}`), r, s: isInRange ? s : 1n, parity, isInRange };
  });
  const inverses = FpInvertBatch(
    Point.Fn,
    parts.map(({ s }) => s),
  );
  const sums = sumOfProducts(
    baseTable,
    parts.map(({ z }, index) => (z * (inverses[index] as bigint)) % ORDER),
    keyTable,
    parts.map(({ r }, index) => (r * (inverses[index] as bigint)) % ORDER),
  );
  return sums.map((sum, index) => {
    const part = parts[index];
    if (sum === null || part === undefined || !part.isInRange) return false;
    return sum.x === part.r && Number(sum.y & 1n) === part.parity;
  });
}

function split(vs: bigint): { s: bigint; parity: 0 | 1 } {
  return { s: vs & ((1n << 255n) - 1n), parity: vs >> 255n === 0n ? 0 : 1 };
}
