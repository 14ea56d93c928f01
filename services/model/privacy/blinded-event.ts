import { THREADLINE_NAMESPACE } from "../epcis/event-fields.ts";
import type { EpcisEvent } from "../epcis/event-schema.ts";
import { fieldJudge, isPlainContext } from "./blinded-fields.ts";
import type { BlindingScope, FieldJudge } from "./blinded-fields.ts";
import { CONTEXT_PATH } from "./event-leaves.ts";
import type { EventText } from "./event-leaves.ts";

/**
 * Leaves of the event's commitment that identify nobody (see event-leaves.ts), for a selective disclosure: each can be
 * checked against the ledger without those withheld.
 */
export function blindedPaths(text: EventText, scope: BlindingScope): string[] {
  const shows = fieldJudge(text, scope);
  const paths: string[] = isPlainContext(JSON.parse(text.context)) ? [CONTEXT_PATH] : [];
  const collect = (value: unknown, keys: readonly string[]) => {
    const members = typeof value === "object" && value !== null ? Object.entries(value) : [];
    if (members.length === 0 && shows(keys, value)) paths.push(pointer(keys));
    for (const [key, member] of members) collect(member, [...keys, key]);
  };
  collect(JSON.parse(text.body), []);
  return paths;
}

/** RFC 6901. */
function pointer(keys: readonly string[]): string {
  return keys.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Stands where an event names material: the journey's id on the ledger, which is blinded. */
export function blindedEpc(journeyId: string): string {
  return `${THREADLINE_NAMESPACE}journeys/${journeyId}`;
}

/** Stands where an eventID is withheld. */
export function blindedEventId(commitmentOrNumber: string): string {
  return `${THREADLINE_NAMESPACE}events/${commitmentOrNumber}`;
}

export interface BlindedNames {
  epc: string;
  eventId: string;
}

/**
 * The event as who may not see an identity reads it: still a valid EPCIS event (EPCIS 2.0 lets a query interface withhold
 * and replace), with the fields that identify nobody, and a stand-in where it must name what is withheld. It is not the
 * event that was committed; what shows that is the selective disclosure.
 */
export function blindedEvent(text: EventText, scope: BlindingScope, names: BlindedNames): EpcisEvent {
  const event = JSON.parse(text.body) as Record<string, unknown>;
  const shown = (keep(event, [], fieldJudge(text, scope)) ?? {}) as Record<string, unknown>;
  for (const [list, quantities] of LISTS) {
    const named = [event[list], event[quantities]].some((value) => Array.isArray(value) && value.length > 0);
    const isWhole = sizeOf(shown[list]) === sizeOf(event[list]) && sizeOf(event[quantities]) === 0;
    if (named && !isWhole) shown[list] = [...((shown[list] as string[] | undefined) ?? []), names.epc];
  }
  if (event["parentID"] !== undefined) shown["parentID"] ??= names.epc;
  if (event["transformationID"] !== undefined) shown["transformationID"] = names.epc;
  if (event["type"] === "TransactionEvent") shown["bizTransactionList"] = [{ bizTransaction: names.epc }];
  const parties = ["sourceList", "destinationList"].flatMap((list) => {
    const whole = ((shown[list] as object[] | undefined) ?? []).filter((entry) => Object.keys(entry).length === 2);
    return whole.length === 0 ? [] : [[list, whole] as const];
  });
  const { sourceList: _sources, destinationList: _destinations, ...rest } = shown;
  return { ...rest, ...Object.fromEntries(parties), eventID: shown["eventID"] ?? names.eventId } as EpcisEvent;
}

/** Lists of EPCs, each with the list of quantities that may stand for it. */
const LISTS = [
  ["epcList", "quantityList"],
  ["childEPCs", "childQuantityList"],
  ["inputEPCList", "inputQuantityList"],
  ["outputEPCList", "outputQuantityList"],
] as const;

const sizeOf = (list: unknown) => (Array.isArray(list) ? list.length : 0);

/** What may be shown of a value; undefined for nothing. */
function keep(value: unknown, keys: readonly string[], shows: FieldJudge): unknown {
  if (typeof value !== "object" || value === null) return shows(keys, value) ? value : undefined;
  if (Array.isArray(value)) {
    const kept = value.map((member, index) => keep(member, [...keys, String(index)], shows)).filter((member) => member !== undefined);
    return kept.length === 0 ? undefined : kept;
  }
  const kept = Object.entries(value).flatMap(([key, member]) => {
    const shown = keep(member, [...keys, key], shows);
    return shown === undefined ? [] : [[key, shown] as const];
  });
  const object: Record<string, unknown> = Object.fromEntries(kept);
  const isReport = keys[0] === "sensorElementList" && keys[2] === "sensorReport" && keys.length === 4;
  const isElement = keys[0] === "sensorElementList" && keys.length === 2;
  const lacks = (isReport && object["type"] === undefined) || (isElement && object["sensorReport"] === undefined);
  return kept.length === 0 || lacks ? undefined : object;
}
