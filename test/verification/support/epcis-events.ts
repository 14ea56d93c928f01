import { THREADLINE_NAMESPACE } from "../../../services/model/epcis/index.ts";

export const CONTEXT = [
  "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
  { threadline: THREADLINE_NAMESPACE },
];

/** An EPCIS event of the step, with as many kinds of field as a custody event has. */
export function eventBody(step: string, occurredAt: number, place: number): Record<string, unknown> {
  return {
    type: "ObjectEvent",
    eventTime: new Date(occurredAt * 1000).toISOString(),
    eventTimeZoneOffset: "+00:00",
    epcList: ["https://id.gs1.org/01/04006381333931/21/BAG0001"],
    action: "OBSERVE",
    bizStep: "inspecting",
    disposition: "conformant",
    readPoint: { id: `https://id.gs1.org/414/4006381000026/254/ROOM${place}` },
    bizTransactionList: [{ type: "po", bizTransaction: "https://id.example.org/order/0001" }],
    sourceList: [{ type: "possessing_party", source: "https://id.gs1.org/417/4006381000026" }],
    quantityList: [{ epcClass: "https://id.gs1.org/01/04006381333931/10/LOT1", quantity: 12, uom: "KGM" }],
    sensorElementList: [{ sensorReport: [{ type: "Temperature", value: 5.4, uom: "CEL" }] }],
    "threadline:chainOfIdentity": "COI-0001",
    "threadline:step": step,
  };
}
