import { canonicalEpc } from "../identity/index.ts";
import type { EpcisEvent } from "./event-schema.ts";
import type { JsonLdContext } from "./json-ld-context.ts";
import { expandName, namespacesOf } from "./json-ld-context.ts";

/** The namespace of Threadline's own event extensions. */
export const THREADLINE_NAMESPACE = "https://threadline.example/epcis/";

/** The therapy and the step of its flow an event says it belongs to. */
export interface EventTarget {
  chainOfIdentity?: string;
  step?: string;
}

export interface EventEpcs {
  parentID: string[];
  /** epcList or childEPCs. */
  epc: string[];
  inputEPC: string[];
  outputEPC: string[];
}

function texts(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((item) => typeof item === "string").map(canonicalEpc);
}

/** EPCs of an event by the part they play, as canonical Digital Links. */
export function epcsByRole(event: EpcisEvent): EventEpcs {
  const fields: Record<string, unknown> = event;
  return {
    parentID: texts(fields["parentID"]),
    epc: [...texts(fields["epcList"]), ...texts(fields["childEPCs"])],
    inputEPC: texts(fields["inputEPCList"]),
    outputEPC: texts(fields["outputEPCList"]),
  };
}

/** Every EPC an event names, parent, inputs and outputs included, once each, as canonical Digital Links. */
export function eventEpcs(event: EpcisEvent): string[] {
  const { parentID, epc, inputEPC, outputEPC } = epcsByRole(event);
  return [...new Set([...parentID, ...epc, ...inputEPC, ...outputEPC])];
}

/** When the event happened, in whole seconds of Unix time (fractions cut off). */
export function eventTimeSeconds(event: EpcisEvent): number {
  return Math.floor(Date.parse(event.eventTime) / 1000);
}

/** The value of the event's extension of this namespace and name, under whatever prefix; undefined without one. */
export function extensionValue(
  event: EpcisEvent,
  documentContext: JsonLdContext,
  namespaceUri: string,
  localName: string,
): unknown {
  const namespaces = namespacesOf(documentContext, event["@context"]);
  const entry = Object.entries(event).find(([name]) => expandName(name, namespaces) === namespaceUri + localName);
  return entry?.[1];
}

/** The therapy's Chain of Identity identifier and flow step an event names by Threadline's extensions. */
export function eventTarget(event: EpcisEvent, context: JsonLdContext): EventTarget {
  const target: EventTarget = {};
  for (const name of ["chainOfIdentity", "step"] as const) {
    const value = extensionValue(event, context, THREADLINE_NAMESPACE, name);
    if (typeof value === "string" && value !== "") target[name] = value;
  }
  return target;
}
