import type { JsonLdContext, Namespaces } from "./json-ld-context.ts";
import { forbiddenPrefixes, MAXIMUM_PREFIXES, namespacesOf } from "./json-ld-context.ts";
import type { EpcisIssue } from "./json-guard.ts";

type Path = (string | number)[];

function isAbsolute(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(name) || name.startsWith("urn:");
}

function contextIssues(context: JsonLdContext, namespaces: Namespaces, path: Path): EpcisIssue[] {
  const at = [...path, "@context"];
  if (namespaces.size > MAXIMUM_PREFIXES) return [{ path: at, message: `Declares more than ${MAXIMUM_PREFIXES} prefixes` }];
  return forbiddenPrefixes(context).map((prefix) => ({ path: at, message: `The prefix "${prefix}" may not be declared anew` }));
}

function visit(value: unknown, contexts: JsonLdContext[], namespaces: Namespaces, path: Path, issues: EpcisIssue[]): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) visit(item, contexts, namespaces, [...path, index], issues);
    return;
  }
  const own = (value as Record<string, unknown>)["@context"];
  const inForce = own === undefined ? contexts : [...contexts, own];
  const known = own === undefined ? namespaces : namespacesOf(...inForce);
  if (own !== undefined) for (const issue of contextIssues(own, known, path)) issues.push(issue);
  for (const [name, child] of Object.entries(value)) {
    if (name.startsWith("@")) continue;
    const colon = name.indexOf(":");
    if (colon >= 0 && !isAbsolute(name) && !known.has(name.slice(0, colon))) {
      issues.push({ path: [...path, name], message: `The prefix of "${name}" is not declared in @context` });
    }
    visit(child, inForce, known, [...path, name], issues);
  }
}

/**
 * Field names, at any level, whose prefix no context declares, and contexts that declare what they may not. JSON-LD
 * would drop an undeclared field silently, and others would compute another event hash.
 */
export function undeclaredPrefixes(value: unknown, contexts: JsonLdContext[], path: Path): EpcisIssue[] {
  const issues: EpcisIssue[] = [];
  visit(value, contexts, namespacesOf(...contexts), path, issues);
  return issues;
}
