/** One thing that is wrong with a document: where, as field names and list positions, and what. */
export interface EpcisIssue {
  path: (string | number)[];
  message: string;
}

/** GS1's deepest example is far below; deeper input is an attack on whatever recurses over it. */
export const MAXIMUM_DEPTH = 32;

/** Names that mean something to JavaScript objects and nothing to EPCIS. */
const RESERVED_NAMES = new Set(["__proto__", "constructor", "prototype"]);

interface Visit {
  value: unknown;
  path: (string | number)[];
}

/** Refuses nesting over `MAXIMUM_DEPTH` and reserved property names, without recursing. Null when all is well. */
export function guardJson(json: unknown): EpcisIssue | null {
  const pending: Visit[] = [{ value: json, path: [] }];
  for (let visit = pending.pop(); visit !== undefined; visit = pending.pop()) {
    const { value, path } = visit;
    if (typeof value !== "object" || value === null) continue;
    if (path.length >= MAXIMUM_DEPTH) {
      return { path, message: `Nested deeper than ${MAXIMUM_DEPTH} levels` };
    }
    for (const [name, child] of Object.entries(value)) {
      if (RESERVED_NAMES.has(name)) return { path: [...path, name], message: `"${name}" may not be a field name` };
      pending.push({ value: child, path: [...path, Array.isArray(value) ? Number(name) : name] });
    }
  }
  return null;
}
