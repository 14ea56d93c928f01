import { isIPv6 } from "node:net";

export interface WrongKeyLimits {
  /** Wrong keys of one address before it is made to wait. */
  wrongKeys: number;
  /** How long they are counted, and how long the address waits at most. */
  wrongKeyMilliseconds: number;
  /** Most addresses counted at once; of more, the ones counted longest are forgotten. */
  wrongKeyAddresses: number;
}

/** Counts wrong API keys by where they come from. */
export interface WrongKeyCount {
  /** Seconds an address must wait before another unknown key of its is looked at; null when it need not. */
  waitSeconds(address: string): number | null;
  add(address: string): void;
}

interface Counted {
  wrong: number;
  untilMilliseconds: number;
}

/**
 * A window for each remote address, from its first wrong key on. Whoever has an IPv6 address has its whole /64, so that is
 * what is counted (RFC 6177).
 */
export function createWrongKeyCount(limits: WrongKeyLimits, now: () => number = Date.now): WrongKeyCount {
  const counts = new Map<string, Counted>();

  function current(address: string): Counted | undefined {
    const counted = counts.get(address);
    if (counted === undefined || counted.untilMilliseconds > now()) return counted;
    counts.delete(address);
    return undefined;
  }

  return {
    waitSeconds(address) {
      const counted = current(networkOf(address));
      if (counted === undefined || counted.wrong < limits.wrongKeys) return null;
      return Math.ceil((counted.untilMilliseconds - now()) / 1000);
    },
    add(address) {
      const network = networkOf(address);
      const counted = current(network) ?? { wrong: 0, untilMilliseconds: now() + limits.wrongKeyMilliseconds };
      counts.set(network, { ...counted, wrong: counted.wrong + 1 });
      const [oldest] = counts.keys();
      if (counts.size > limits.wrongKeyAddresses && oldest !== undefined) counts.delete(oldest);
    },
  };
}

/** An IPv4 address itself, of an IPv6 address its first 64 bits. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const bare = address.replace(/%.*$/, "");
  if (!isIPv6(bare)) return address;
  const [head = "", tail] = bare.split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups = tail === undefined ? first : [...first, ...Array<string>(Math.max(0, 8 - first.length - last.length)).fill("0"), ...last];
  return `${groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}
