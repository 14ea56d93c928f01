import type { EpcisEvent } from "../../../services/model/epcis/index.ts";
import { parseEpcisEvent } from "../../../services/model/epcis/index.ts";

export const CONTEXT = [
  "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
  { tl: "https://threadline.example/epcis/", example: "https://ns.example.org/cgt/" },
];

export const APHERESIS_BAG = "https://id.gs1.org/01/09506000134352/21/APH0001";

export function objectEvent(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: "ObjectEvent",
    eventTime: "2026-03-02T09:00:00.000+01:00",
    eventTimeZoneOffset: "+01:00",
    epcList: [APHERESIS_BAG],
    action: "ADD",
    bizStep: "commissioning",
    disposition: "active",
    readPoint: { id: "https://id.gs1.org/414/9506000134369/254/APHROOM1" },
    ...changes,
  };
}

export function documentOf(...events: unknown[]): Record<string, unknown> {
  return {
    "@context": CONTEXT,
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: "2026-03-02T18:00:00.000Z",
    epcisBody: { eventList: events },
  };
}

/** The event as parsed; fails the test when it is refused. */
export function accepted(json: unknown): EpcisEvent {
  const result = parseEpcisEvent(json, CONTEXT);
  if (!result.ok) throw new Error(result.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("\n"));
  return result.event;
}
