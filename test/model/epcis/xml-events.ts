import { XMLParser } from "fast-xml-parser";
import type { EpcisEvent } from "../../../services/model/epcis/index.ts";

/**
 * Reads the events of an EPCIS 2.0 XML document in the JSON shape, so that the published XML vectors test the event
 * hash too. For tests only: Threadline's interfaces take JSON-LD.
 */
export interface XmlEvents {
  /** In document order; values are texts, and not checked against the schema. */
  events: EpcisEvent[];
  context: Record<string, string>;
  ignoredFields: string[];
}

type Node = Record<string, unknown>;
type Json = Record<string, unknown>;

const EVENT = /^(Object|Aggregation|Association|Transaction|Transformation)Event$/;
const EPC_LISTS = new Set(["epcList", "childEPCs", "inputEPCList", "outputEPCList"]);
const TYPED_LISTS: Record<string, string> = { bizTransactionList: "bizTransaction", sourceList: "source", destinationList: "destination" };

const nameOf = (node: Node) => Object.keys(node).find((key) => key !== ":@") ?? "";
const childrenOf = (node: Node) => (node[nameOf(node)] as Node[]).filter((child) => nameOf(child) !== "#text");
const attributesOf = (node: Node) => (node[":@"] ?? {}) as Record<string, string>;
const textOf = (node: Node) =>
  (node[nameOf(node)] as Node[]).flatMap((child) => (nameOf(child) === "#text" ? [String(child["#text"])] : [])).join("").trim();

// In XML a prefix means something in names, not in values; so names get prefixes that no value has.
const keyOf = (name: string) => (name.includes(":") ? `name-${name}` : name);

function add(target: Json, name: string, value: unknown): void {
  const before = target[name];
  target[name] = before === undefined ? value : [...(Array.isArray(before) ? (before as unknown[]) : [before]), value];
}

function toJson(node: Node): unknown {
  const children = childrenOf(node);
  const attributes = attributesOf(node);
  if (children.length === 0 && Object.keys(attributes).length === 0) return textOf(node);
  const json: Json = Object.fromEntries(Object.entries(attributes).map(([name, value]) => [keyOf(name), value]));
  for (const child of children) add(json, keyOf(nameOf(child)), toJson(child));
  return json;
}

/** XML wraps list members in elements that JSON leaves out. */
function field(node: Node): unknown {
  const name = nameOf(node);
  const members = childrenOf(node);
  if (EPC_LISTS.has(name)) return members.map(textOf);
  if (name.endsWith("quantityList") || name.endsWith("QuantityList")) return members.map(toJson);
  const typed = TYPED_LISTS[name];
  if (typed !== undefined) return members.map((member) => ({ ...attributesOf(member), [typed]: textOf(member) }));
  if (name === "sensorElementList") return members.map(toJson);
  return toJson(node);
}

function toEvent(node: Node): EpcisEvent {
  const event: Json = { type: nameOf(node) };
  for (const child of childrenOf(node)) {
    const wrapped = ["extension", "baseExtension"].includes(nameOf(child)) ? childrenOf(child) : [child];
    for (const part of wrapped) add(event, keyOf(nameOf(part)), field(part));
  }
  return event as unknown as EpcisEvent;
}

function find(nodes: Node[], matches: (name: string) => boolean): Node[] {
  return nodes.flatMap((node) => (matches(nameOf(node)) ? [node] : find(childrenOf(node), matches)));
}

export function xmlEvents(xml: string): XmlEvents {
  const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: "", parseTagValue: false, parseAttributeValue: false });
  const roots = (parser.parse(xml) as Node[]).filter((node) => Array.isArray(node[nameOf(node)]) && !nameOf(node).startsWith("?"));
  const namespaces = roots.flatMap((root) => Object.entries(attributesOf(root))).filter(([name]) => name.startsWith("xmlns:"));
  return {
    events: find(roots, (name) => EVENT.test(name)).map(toEvent),
    context: Object.fromEntries(namespaces.map(([name, uri]) => [`name-${name.slice("xmlns:".length)}`, uri])),
    ignoredFields: find(roots, (name) => name.endsWith(":ignoreFields")).flatMap(childrenOf).map(nameOf).map(keyOf),
  };
}
