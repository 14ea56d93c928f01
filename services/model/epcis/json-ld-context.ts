/** A JSON-LD `@context`: a URI, an object of prefixes, or a list of both. */
export type JsonLdContext = unknown;

/** Prefixes GS1's EPCIS context declares; documents may use them without declaring them again. */
const EPCIS_CONTEXT_PREFIXES: Readonly<Record<string, string>> = {
  epcis: "https://ref.gs1.org/epcis/",
  cbv: "https://ref.gs1.org/cbv/",
  cbvmda: "urn:epcglobal:cbv:mda:",
  gs1: "https://gs1.org/voc/",
  rdfs: "http://www.w3.org/2000/01/rdf-schema#",
  owl: "http://www.w3.org/2002/07/owl#",
  xsd: "http://www.w3.org/2001/XMLSchema#",
  dcterms: "http://purl.org/dc/terms/",
};

/** Prefixes in force at one place of a document; more would serve nothing but to slow its readers. */
export const MAXIMUM_PREFIXES = 100;

export type Namespaces = ReadonlyMap<string, string>;

function collect(context: JsonLdContext, namespaces: Map<string, string>): void {
  if (Array.isArray(context)) {
    for (const part of context) collect(part, namespaces);
  } else if (typeof context === "object" && context !== null) {
    for (const [prefix, namespace] of Object.entries(context)) {
      if (!prefix.startsWith("@") && typeof namespace === "string") namespaces.set(prefix, namespace);
    }
  }
}

/** The prefixes in force, later contexts over earlier ones: the document's, then the event's own. */
export function namespacesOf(...contexts: JsonLdContext[]): Namespaces {
  const namespaces = new Map(Object.entries(EPCIS_CONTEXT_PREFIXES));
  for (const context of contexts) collect(context, namespaces);
  return namespaces;
}

/** Schemes of URIs that a prefix of the same name would turn into something else. */
const SCHEMES = new Set(["http", "https", "urn", "ni"]);

/** Prefixes that values of the vocabulary are written with. */
const VOCABULARY_PREFIXES = new Set(["epcis", "cbv", "gs1"]);

/**
 * Prefixes a context may not declare: schemes of URIs, and those of the GS1 vocabularies with another
 * meaning (JSON-LD protects these). Otherwise one document could say two things, one to people and one to the event hash.
 */
export function forbiddenPrefixes(context: JsonLdContext): string[] {
  const declared = new Map<string, string>();
  collect(context, declared);
  return [...declared].flatMap(([prefix, namespace]) => {
    const another = VOCABULARY_PREFIXES.has(prefix) && EPCIS_CONTEXT_PREFIXES[prefix] !== namespace;
    return SCHEMES.has(prefix) || another ? [prefix] : [];
  });
}

/** A prefixed name as its namespace and local part, or null when the prefix is not declared. */
export function splitName(name: string, namespaces: Namespaces): { namespace: string; local: string } | null {
  const colon = name.indexOf(":");
  // JSON-LD never takes scheme://… for a prefixed name.
  if (name.startsWith("//", colon + 1)) return null;
  const namespace = colon > 0 ? namespaces.get(name.slice(0, colon)) : undefined;
  return namespace === undefined ? null : { namespace, local: name.slice(colon + 1) };
}

/** The full IRI of a prefixed name; text without a declared prefix is answered unchanged. */
export function expandName(name: string, namespaces: Namespaces): string {
  const split = splitName(name, namespaces);
  return split === null ? name : split.namespace + split.local;
}
