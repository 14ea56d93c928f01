import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { EpcisEvent } from "./event-schema.ts";
import type { HashField } from "./hash-fields.ts";
import { EXCLUDED_FIELDS, ORDERED_FIELDS, SORTED_FIELDS } from "./hash-fields.ts";
import { canonicalTerm, canonicalTime, canonicalValue, compareText } from "./hash-values.ts";
import type { JsonLdContext, Namespaces } from "./json-ld-context.ts";
import { expandName, namespacesOf, splitName } from "./json-ld-context.ts";

type JsonObject = Record<string, unknown>;

const COMMENT = "http://www.w3.org/2000/01/rdf-schema#comment";

const isObject = (json: unknown): json is JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json);
const asList = (json: unknown): unknown[] => (Array.isArray(json) ? json : json === undefined ? [] : [json]);
const sorted = (texts: string[]): string => texts.sort(compareText).join("");
const assigned = (name: string, text: string): string => (text === "" ? "" : `${name}=${text}`);

/** Writes an extension or ilmd: its name as `{namespace}local`, its value or its members sorted. */
function writeExtension(name: string, json: unknown, namespaces: Namespaces): string[] {
  if (json === null || json === undefined || isComment(name, namespaces)) return [];
  if (Array.isArray(json)) return json.flatMap((item) => writeExtension(name, item, namespaces));
  const split = splitName(name, namespaces);
  const written = split === null ? name : `{${split.namespace}}${split.local}`;
  if (!isObject(json)) {
    const text = canonicalValue(json, namespaces);
    return [text === "" ? written : `${written}=${text}`];
  }
  const own = canonicalValue(json["#text"], namespaces);
  const members = Object.entries(json).flatMap(([key, child]) =>
    key === "#text" || key === "@context" ? [] : writeExtension(key, child, namespaces),
  );
  return [written + (own === "" ? "" : `=${own}`) + sorted(members)];
}

function isComment(name: string, namespaces: Namespaces): boolean {
  return expandName(name, namespaces) === COMMENT;
}

function writeObject(json: unknown, fields: readonly HashField[], namespaces: Namespaces): string {
  if (!isObject(json)) return "";
  const known = new Set(fields.map((field) => field.name));
  const extensions = Object.entries(json).flatMap(([key, child]) =>
    known.has(key) || EXCLUDED_FIELDS.has(key) ? [] : writeExtension(key, child, namespaces),
  );
  return fields.map((field) => writeField(field, json, namespaces)).join("") + sorted(extensions);
}

function writeField(field: HashField, json: JsonObject, namespaces: Namespaces): string {
  const name = field.name;
  const members = asList(json[name]);
  switch (field.kind) {
    case "time":
      return assigned(name, json[name] === undefined ? "" : canonicalTime(String(json[name])));
    case "value":
    case "list":
      return sorted(members.map((member) => assigned(name, canonicalValue(member, namespaces))));
    case "term":
      return sorted(members.map((member) => assigned(name, canonicalTerm(field.vocabulary, member, namespaces))));
    case "members":
      return headed(name, sorted(members.map((member) => assigned(field.member, canonicalValue(member, namespaces)))));
    case "apart":
      return "";
    case "object":
      return headed(name, writeObject(json[name], field.fields, namespaces));
    case "objects": {
      const written = members.map((member) => headed(field.member, writeObject(member, field.fields, namespaces)));
      return headed(name === field.member ? "" : name, sorted(written));
    }
  }
}

/** The business rules of sensor reports, which the reference vectors write by themselves. */
function writeReportRules(event: JsonObject, namespaces: Namespaces): string {
  const elements = asList(event["sensorElementList"]).map((element) => {
    const reports = isObject(element) ? asList(element["sensorReport"]) : [];
    const rules = reports.map((report) => {
      return headed("sensorReport", assigned("bizRules", isObject(report) ? canonicalValue(report["bizRules"], namespaces) : ""));
    });
    return headed("sensorElement", sorted(rules));
  });
  return headed("sensorElementList", sorted(elements));
}

/** An element without content is left out altogether. */
function headed(name: string, content: string): string {
  return content === "" ? "" : name + content;
}

/**
 * The canonical pre-hash string of an event (CBV 2.0 event hash). `context` is the `@context` of the document the
 * event came in; `ignoredFields` are extensions, by name as written, that a repository added of its own.
 *
 * NOTE: the standard joins names and values without separators, so a value that holds another field's name and value
 * gives the same string as that field. The hash identifies an honest event; to bind a party to one, commit to the
 * event's canonical JSON as well.
 */
export function eventPreHash(event: EpcisEvent, context: JsonLdContext, ignoredFields: readonly string[] = []): string {
  const namespaces = namespacesOf(context, event["@context"]);
  const json: JsonObject = event;
  const known = new Set([...ORDERED_FIELDS, ...SORTED_FIELDS].map((field) => field.name));
  const ordered = ORDERED_FIELDS.map((field) => writeField(field, json, namespaces)).join("");
  const lists = SORTED_FIELDS.map((field) => writeField(field, json, namespaces));
  const others = [...lists, writeReportRules(json, namespaces)];
  const extensions = Object.entries(json).flatMap(([key, child]) =>
    known.has(key) || EXCLUDED_FIELDS.has(key) || ignoredFields.includes(key)
      ? []
      : writeExtension(key, child, namespaces),
  );
  return `eventType=${event.type}${ordered}${sorted([...others, ...extensions])}`;
}

/** SHA-256 of the pre-hash string: 32 bytes. */
export function eventHashBytes(event: EpcisEvent, context: JsonLdContext, ignoredFields: readonly string[] = []): Uint8Array {
  return sha256(utf8ToBytes(eventPreHash(event, context, ignoredFields)));
}

/** The event hash identifier (RFC 6920), which may serve as the event's `eventID`: `ni:///sha-256;…?ver=CBV2.0`. */
export function eventHashId(event: EpcisEvent, context: JsonLdContext, ignoredFields: readonly string[] = []): string {
  return `ni:///sha-256;${bytesToHex(eventHashBytes(event, context, ignoredFields))}?ver=CBV2.0`;
}
