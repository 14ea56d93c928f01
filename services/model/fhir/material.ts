import { epcsByRole } from "../epcis/index.ts";
import type { FhirJourney, JourneyEvent } from "./journey-record.ts";
import { businessStep } from "./journey-context.ts";

/** What became of material: R6 ballot's words for a product, without "available", which is a decision and no state. */
export type MaterialState = "collected" | "made" | "processed" | "applied" | "discarded";

/** One piece of patient material of a journey, with the events that tell its life. */
export interface Material {
  epc: string;
  /** Event that brought it into being: collected from the patient, or made of other material. */
  collected: JourneyEvent | null;
  made: JourneyEvent | null;
  parents: string[];
  events: JourneyEvent[];
  state: MaterialState | null;
}

const COLLECTING = new Set(["commissioning", "collecting", "creating_class_instance"]);
const DISCARDING = new Set(["destroying", "decommissioning"]);

/** A trade item (GTIN with serial or lot), or what no GS1 key names. Shippers, loggers, pallets and places are none. */
export function isMaterial(epc: string): boolean {
  return !/^https:\/\/id\.gs1\.org\/(?!01\/)/.test(epc);
}

/** EPCs of material an event is about, inputs and outputs included. */
export function materialOf({ event }: JourneyEvent): string[] {
  const { parentID, epc, inputEPC, outputEPC } = epcsByRole(event);
  return [...new Set([...epc, ...inputEPC, ...outputEPC, ...parentID])].filter(isMaterial);
}

/** An event that puts new material into the chain other than by making it of something: the collection. */
export function isCollection(entry: JourneyEvent): boolean {
  const { event } = entry;
  return event.type === "ObjectEvent" && event.action === "ADD" && COLLECTING.has(businessStep(entry) ?? "");
}

/** The product was given to the patient. */
export function isAdministration(entry: JourneyEvent): boolean {
  return entry.event.type === "ObjectEvent" && businessStep(entry) === "dispensing";
}

/** The journey's material in the order it first appears. What an error declaration took back tells nothing of it any more. */
export function materialsOf({ events, epcs }: FhirJourney): Material[] {
  const ours = new Set(epcs);
  const found = new Map<string, Material>();
  for (const entry of events) {
    if (entry.event.errorDeclaration !== undefined || entry.isDeclaredErroneous) continue;
    for (const epc of materialOf(entry)) {
      if (!ours.has(epc)) continue;
      const known = found.get(epc) ?? { epc, collected: null, made: null, parents: [], events: [], state: null };
      found.set(epc, tell(known, entry));
    }
  }
  // What only ever went into something, such as a kit, came from no patient.
  return [...found.values()].filter(({ epc, events: own }) => own.some((entry) => !epcsByRole(entry.event).inputEPC.includes(epc)));
}

function tell(material: Material, entry: JourneyEvent): Material {
  const { inputEPC, outputEPC } = epcsByRole(entry.event);
  const next = { ...material, events: [...material.events, entry] };
  if (entry.event.type === "TransformationEvent" && outputEPC.includes(material.epc))
    return { ...next, made: entry, parents: [...new Set([...material.parents, ...inputEPC.filter(isMaterial)])], state: "made" };
  if (inputEPC.includes(material.epc)) return { ...next, state: "processed" };
  if (isAdministration(entry)) return { ...next, state: "applied" };
  if (DISCARDING.has(businessStep(entry) ?? "")) return { ...next, state: "discarded" };
  if (isCollection(entry) && material.made === null) return { ...next, collected: entry, state: "collected" };
  return next;
}
