import type { CodeableConcept, Identifier, Reference, Resource } from "./data-types.ts";
import type { ResourceType } from "./journey-resources.ts";
import { SEARCH_PARAMETERS } from "./search-parameters.ts";
import type { SearchParameter } from "./search-parameters.ts";

/** A token as FHIR writes it: `code`, `system|code`, `|code` (no system) or `system|`. */
export interface Token {
  system?: string;
  value?: string;
}

export interface Criterion {
  parameter: SearchParameter["name"];
  /** As asked, for the link of the page. */
  name: string;
  text: string;
  /** One of them is enough. */
  tokens: Token[];
}

export interface Search {
  type: ResourceType;
  /** All of them must hold. */
  criteria: Criterion[];
  /** Parameters that are not known here. */
  ignored: string[];
}

export type SearchResult = { ok: true; search: Search } | { ok: false; code: string; message: string };

/** Parameters about the answer and not about what is looked for. */
const CONTROL = new Set(["_count", "_format", "_page"]);

const MOST_VALUES = 50;

/**
 * Reads the parameters of a search (FHIR R4, search). One that is not known is left aside, or refused when the client
 * asks for `handling=strict`; a modifier that is not known is refused in any case, since it would change the meaning.
 */
export function parseSearch(type: ResourceType, query: Readonly<Record<string, string>>, isStrict: boolean): SearchResult {
  const criteria: Criterion[] = [];
  const ignored: string[] = [];
  for (const [name, text] of Object.entries(query)) {
    if (CONTROL.has(name) || text === "") continue;
    const [base = "", modifier] = name.split(":");
    const parameter = SEARCH_PARAMETERS[type].find((candidate) => candidate.name === base);
    if (parameter === undefined) ignored.push(name);
    else {
      const fault = modifierFault(parameter, modifier);
      if (fault !== undefined) return { ok: false, code: "search-modifier-not-supported", message: fault };
      const values = splitValues(text);
      if (values.length > MOST_VALUES)
        return { ok: false, code: "search-too-costly", message: `"${name}" lists ${values.length} values; at most ${MOST_VALUES}` };
      criteria.push({ parameter: parameter.name, name, text, tokens: values.map(readToken) });
    }
  }
  if (isStrict && ignored.length > 0) {
    const known = SEARCH_PARAMETERS[type].map((parameter) => parameter.name).join(", ");
    const message = `${type} is not searched by ${ignored.map((name) => `"${name}"`).join(", ")}; known are ${known}`;
    return { ok: false, code: "search-parameter-not-supported", message };
  }
  return { ok: true, search: { type, criteria, ignored } };
}

function modifierFault({ name }: SearchParameter, modifier: string | undefined): string | undefined {
  const isPatient = name === "patient" || name === "subject";
  if (isPatient && modifier === undefined)
    return `patients are referred to by identifier only: search with ${name}:identifier=<system>|<pseudonym>`;
  const supported = isPatient ? "identifier" : undefined;
  return modifier === supported ? undefined : `"${name}:${modifier ?? ""}" is not supported`;
}

/** Values between commas; `\,` is a comma of a value. */
function splitValues(text: string): string[] {
  return [...(text.match(/(?:\\.|[^,\\])+/gs) ?? [])];
}

function readToken(value: string): Token {
  const bar = /(?<!\\)\|/.exec(value);
  const plain = (text: string) => text.replaceAll(/\\(.)/gs, "$1");
  if (bar === null) return { value: plain(value) };
  const [system, code] = [plain(value.slice(0, bar.index)), plain(value.slice(bar.index + 1))];
  return code === "" ? { system } : { system, value: code };
}

/** Whether a resource is one that is looked for. `journey` is judged where journeys are chosen, by their ids. */
export function matchesSearch(resource: Resource, { criteria }: Search): boolean {
  return criteria.every((criterion) => {
    const { parameter, tokens } = criterion;
    if (parameter === "journey") return true;
    if (parameter === "_id") return tokens.some((token) => token.system === undefined && token.value === resource.id);
    if (parameter === "target") return tokens.some(({ value }) => targets(resource).some(({ reference }) => reference === value));
    if (parameter === "code") return codes(resource).some((coding) => tokens.some((token) => isToken(token, coding.system, coding.code)));
    const named = parameter === "identifier" ? identifiers(resource) : patients(resource);
    return named.some(({ system, value }) => tokens.some((token) => isToken(token, system, value)));
  });
}

function isToken(token: Token, system: string, value: string): boolean {
  return (token.system === undefined || token.system === system) && (token.value === undefined || token.value === value);
}

function identifiers(resource: Resource): Identifier[] {
  return (resource["identifier"] as Identifier[] | undefined) ?? [];
}

function codes(resource: Resource) {
  return ((resource["code"] ?? resource["productCode"]) as CodeableConcept | undefined)?.coding ?? [];
}

function patients(resource: Resource): Identifier[] {
  const reference = (resource["subject"] ?? resource["patient"]) as Reference | undefined;
  return reference?.identifier === undefined ? [] : [reference.identifier];
}

function targets(resource: Resource): Reference[] {
  return (resource["target"] as Reference[] | undefined) ?? [];
}
