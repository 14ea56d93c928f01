export type Path = (string | number)[];

/** Paths of every string, number, boolean and null in a JSON value. */
export function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, member]) => leavesOf(member, [...path, Array.isArray(value) ? Number(key) : key]));
}

/** A copy with one leaf changed: a number by one, a text in one character, of its own kind where it can be. */
export function withLeafChanged<T>(value: T, path: Path): T {
  const copy = structuredClone(value);
  let parent = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>;
  const last = path.at(-1) as string | number;
  parent[last] = changed(parent[last]);
  return copy;
}

function changed(leaf: unknown): unknown {
  if (typeof leaf === "number") return leaf + 1;
  if (typeof leaf === "boolean") return !leaf;
  if (leaf === null) return 0;
  const text = String(leaf);
  const place = Math.max(0, [...text].findLastIndex((character) => /[0-9a-zA-Z]/.test(character)));
  const character = text[place] ?? "";
  const other = /[0-8]/.test(character) ? String(Number(character) + 1) : character === "9" ? "0" : character === "a" ? "b" : "a";
  return text.slice(0, place) + other + text.slice(place + 1);
}
