import { createRequire } from "node:module";
import type { Ajv as AjvInstance, Options } from "ajv";
import { readJson } from "./shared-data.ts";

// Both packages are CommonJS whose types describe a default export that Node does not give them under ESM.
const require = createRequire(import.meta.url);
const { Ajv } = require("ajv") as { Ajv: new (options: Options) => AjvInstance };
const addFormats = require("ajv-formats") as (ajv: AjvInstance) => AjvInstance;

/** GS1's own JSON Schema for EPCIS 2.0 as a judge, with format assertion on. */
export function gs1Verdict(schemaFolder: string): (json: unknown) => boolean {
  const ajv = new Ajv({ strict: false });
  addFormats(ajv);
  const validate = ajv.compile(readJson(schemaFolder, "EPCIS-JSON-Schema.json") as object);
  return (json) => validate(json);
}

/** Every variant of a JSON value with one thing changed: a field dropped or renamed, or a value of another kind. */
export function* mutations(json: unknown): Generator<{ change: string; json: unknown }> {
  for (const path of paths(json, [])) {
    const at = path.join(".");
    for (const [name, replace] of Object.entries(REPLACEMENTS)) {
      const copy = structuredClone(json);
      const parent = path.slice(0, -1).reduce<unknown>((value, key) => (value as Json)[key], copy) as Json;
      const key = path.at(-1) ?? "";
      if (replace(parent, key)) yield { change: `${name} at ${at}`, json: copy };
    }
  }
}

type Json = Record<string | number, unknown>;

const REPLACEMENTS: Record<string, (parent: Json, key: string | number) => boolean> = {
  drop: (parent, key) => (Array.isArray(parent) ? parent.splice(Number(key), 1).length > 0 : Reflect.deleteProperty(parent, key)),
  rename: (parent, key) => {
    if (Array.isArray(parent)) return false;
    parent[`${key}Renamed`] = parent[key];
    return Reflect.deleteProperty(parent, key);
  },
  bareWord: (parent, key) => set(parent, key, "apheresis"),
  number: (parent, key) => set(parent, key, -42.5),
  none: (parent, key) => set(parent, key, null),
  emptyList: (parent, key) => set(parent, key, []),
  emptyObject: (parent, key) => set(parent, key, {}),
  otherTime: (parent, key) => set(parent, key, "2026-02-30T25:00:00Z"),
  foreignUri: (parent, key) => set(parent, key, "https://ns.example.org/term"),
  gs1Uri: (parent, key) => set(parent, key, "urn:epcglobal:cbv:bizstep:shipping"),
};

function set(parent: Json, key: string | number, value: unknown): boolean {
  parent[key] = value;
  return true;
}

function paths(json: unknown, at: (string | number)[]): (string | number)[][] {
  if (typeof json !== "object" || json === null) return [];
  return Object.entries(json).flatMap(([key, child]) => {
    const path = [...at, Array.isArray(json) ? Number(key) : key];
    return [path, ...paths(child, path)];
  });
}
