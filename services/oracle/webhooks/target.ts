import { lookup as systemLookup } from "node:dns";
import { BlockList, isIP } from "node:net";
import type { LookupFunction } from "node:net";

/** Addresses that are nobody's on the open internet (IANA special-purpose registries): a webhook must not reach them. */
const CLOSED = new BlockList();
for (const [address, prefix] of [
  ["0.0.0.0", 8], ["10.0.0.0", 8], ["100.64.0.0", 10], ["127.0.0.0", 8], ["169.254.0.0", 16], ["172.16.0.0", 12],
  ["192.0.0.0", 24], ["192.0.2.0", 24], ["192.168.0.0", 16], ["198.18.0.0", 15], ["198.51.100.0", 24],
  ["203.0.113.0", 24], ["224.0.0.0", 4], ["240.0.0.0", 4],
] as const)
  CLOSED.addSubnet(address, prefix, "ipv4");
/** Global unicast is 2000::/3; all else is closed, and so are its parts that lead back to IPv4 or to documentation. */
const OPEN_IPV6 = new BlockList();
OPEN_IPV6.addSubnet("2000::", 3, "ipv6");
for (const [address, prefix] of [["2001::", 23], ["2001:db8::", 32], ["2002::", 16], ["3fff::", 20]] as const)
  CLOSED.addSubnet(address, prefix, "ipv6");

/** Whether an IP address is on the open internet. */
export function isOpenAddress(address: string): boolean {
  const version = isIP(address);
  if (version === 4) return !CLOSED.check(address, "ipv4");
  return version === 6 && OPEN_IPV6.check(address, "ipv6") && !CLOSED.check(address, "ipv6");
}

/** Why a webhook may not be sent to a URL; null when it may. What a name stands for is looked at when it is sent. */
export function urlProblem(text: string, privateTargets: boolean): string | null {
  if (!URL.canParse(text)) return "it is no URL";
  const { protocol, hostname, username, password, hash } = new URL(text);
  if (username !== "" || password !== "") return "it holds credentials; the signature tells who sends";
  if (hash !== "") return "it holds a fragment, which is never sent";
  if (protocol !== "https:" && !(privateTargets && protocol === "http:")) return "it is not https";
  if (privateTargets) return null;
  const host = hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0) return isOpenAddress(host) ? null : `${host} is not on the open internet`;
  return /(^|\.)localhost\.?$/i.test(host) ? `${host} is this machine` : null;
}

/** Resolves a name to open addresses only, at the moment of the connection: a name changed since is caught. */
export const openLookup: LookupFunction = (hostname, options, callback) => {
  systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, "", 0);
    const closed = addresses.find(({ address }) => !isOpenAddress(address));
    const [first] = addresses;
    if (closed !== undefined || first === undefined)
      return callback(new Error(`${hostname} stands for ${closed?.address ?? "nothing"}, which is not on the open internet`), "", 0);
    if (options.all === true) return callback(null, addresses);
    callback(null, first.address, first.family);
  });
};
