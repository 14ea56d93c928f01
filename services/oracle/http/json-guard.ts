import { problem } from "./problem.ts";

/** Nesting no EPCIS document or flow comes near. */
const DEEPEST_NESTING = 32;

/**
 * Refuses JSON that parses but that nothing behind this API should ever meet: members named `__proto__`, nesting
 * deep enough to exhaust a stack, and NUL characters, which PostgreSQL cannot store in text.
 */
export function guardJson(value: unknown): void {
  const waiting: { value: unknown; depth: number }[] = [{ value, depth: 0 }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next.value === "string") guardText(next.value);
    if (typeof next.value !== "object" || next.value === null) continue;
    if (next.depth >= DEEPEST_NESTING)
      throw problem(400, "body-too-deep", `the JSON nests deeper than ${DEEPEST_NESTING} levels`);
    const depth = next.depth + 1;
    if (Array.isArray(next.value)) for (const item of next.value) waiting.push({ value: item, depth });
    else
      for (const [key, member] of Object.entries(next.value)) {
        if (key === "__proto__") throw problem(400, "forbidden-member", 'the JSON has a member named "__proto__"');
        guardText(key);
        waiting.push({ value: member, depth });
      }
  }
}

export function guardText(text: string): void {
  if (text.includes("\u0000")) throw problem(400, "forbidden-character", "a text holds the character U+0000");
}
