import { createHash } from "node:crypto";

/** `size` of the items, chosen by hashing each one's name with the seed: the same sample wherever it is drawn. */
export function seededSample<T>(items: readonly T[], size: number, seed: string, nameOf: (item: T) => string = String): T[] {
  if (items.length <= size) return [...items];
  const order = (item: T): string => createHash("sha256").update(`${seed}:${nameOf(item)}`).digest("hex");
  const chosen = new Set([...items].sort((one, other) => (order(one) < order(other) ? -1 : 1)).slice(0, size));
  return items.filter((item) => chosen.has(item));
}
