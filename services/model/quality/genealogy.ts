import { canonicalEpc } from "../identity/index.ts";
import { epcsByRole } from "../epcis/index.ts";
import type { EpcisEvent } from "../epcis/index.ts";

/** What an edge of the genealogy says of its two ends. Every edge points the way the material goes. */
export const GENEALOGY_KINDS = ["donated", "collected", "input", "output", "material", "packed", "administered"] as const;

export type GenealogyKind = (typeof GENEALOGY_KINDS)[number];

export interface GenealogyEdge {
  from: string;
  to: string;
  kind: GenealogyKind;
}

/** What one event says of genealogy; donor and patient stand in no event and are added where the journey is known. */
export interface EventGenealogy {
  edges: GenealogyEdge[];
  /** EPCs that come into being at a collection or commissioning. */
  collected: string[];
  /** EPCs that reach a patient. */
  administered: string[];
}

export const donorNode = (chainOfIdentity: string): string => `urn:threadline:donor:${chainOfIdentity}`;
export const patientNode = (chainOfIdentity: string): string => `urn:threadline:patient:${chainOfIdentity}`;
export const donationNode = (din: string): string => `urn:threadline:donation:${din}`;

/** A lot of raw material: a GS1 Digital Link where the GTIN is known (AI 01 and 10), else a name of our own. */
export function materialLotNode(material: string, lot: string, gtin?: string): string {
  if (gtin !== undefined) return `https://id.gs1.org/01/${gtin}/10/${encodeURIComponent(lot)}`;
  return `urn:threadline:material:${material}:${encodeURIComponent(lot)}`;
}

/** Shippers (GRAI) and loggers (GIAI) go from journey to journey; parties and places are no material either. */
export function identifiesMaterial(epc: string): boolean {
  return !/^https:\/\/id\.gs1\.org\/(8003|8004|8017|8018|414|417)\//.test(epc);
}

/**
 * Edges of an EPCIS 2.0 event: a transformation's inputs and outputs go by way of its batch (transformationID) when it
 * names one, so that inputs and outputs recorded in different events meet; children go into their parent.
 */
export function eventGenealogy(event: EpcisEvent): EventGenealogy {
  const found: EventGenealogy = { edges: [], collected: [], administered: [] };
  if (event.errorDeclaration !== undefined) return found;
  const { parentID, epc } = epcsByRole(event);
  const material = epc.filter(identifiesMaterial);
  if (event.type === "TransformationEvent") found.edges = transformationEdges(event);
  if ((event.type === "AggregationEvent" || event.type === "AssociationEvent") && event.action === "ADD")
    found.edges = parentID.filter(identifiesMaterial).flatMap((parent) => material.map((child) => ({ from: child, to: parent, kind: "packed" })));
  if (event.type === "ObjectEvent" && event.action === "ADD") found.collected = material;
  if (event.type === "ObjectEvent" && isStep(event, "dispensing")) found.administered = material;
  return found;
}

function transformationEdges(event: Extract<EpcisEvent, { type: "TransformationEvent" }>): GenealogyEdge[] {
  const { inputEPC, outputEPC } = epcsByRole(event);
  const inputs = [...inputEPC, ...classes(event.inputQuantityList)].filter(identifiesMaterial);
  const outputs = [...outputEPC, ...classes(event.outputQuantityList)].filter(identifiesMaterial);
  const batch = event.transformationID;
  if (batch === undefined) return inputs.flatMap((from) => outputs.map((to) => ({ from, to, kind: "output" as const })));
  return [
    ...inputs.map((from) => ({ from, to: batch, kind: "input" as const })),
    ...outputs.map((to) => ({ from: batch, to, kind: "output" as const })),
  ];
}

function classes(list: readonly { epcClass: string }[] | undefined): string[] {
  return (list ?? []).map(({ epcClass }) => canonicalEpc(epcClass));
}

function isStep(event: EpcisEvent, word: string): boolean {
  return event.bizStep === word || event.bizStep === `https://ref.gs1.org/cbv/BizStep-${word}`;
}
