import { APHERESIS_BAG, BATCH, CHAIN_OF_IDENTITY, COOL_SHIPPER, DRY_SHIPPER, INBOUND_LOGGER, PRODUCT_BAG, glnOf } from "./parties.ts";

export interface PlannedEvent {
  step: string;
  by: string;
  /** Minutes after the journey's start. */
  minute: number;
  body: Record<string, unknown>;
}

const room = (id: string, name: string) => ({ readPoint: { id: `https://id.gs1.org/414/${glnOf(id)}/254/${name}` } });
const party = (id: string) => `https://id.gs1.org/417/${glnOf(id)}`;
const observe = (bag: string, bizStep: string, disposition: string, more: Record<string, unknown> = {}) => ({
  type: "ObjectEvent",
  epcList: [bag],
  action: "OBSERVE",
  bizStep,
  disposition,
  ...more,
});
const handover = (from: string, to: string) => ({
  sourceList: [{ type: "possessing_party", source: party(from) }],
  destinationList: [{ type: "possessing_party", destination: party(to) }],
});
const pack = (parent: string, bag: string) => ({
  type: "AggregationEvent",
  parentID: parent,
  childEPCs: [bag],
  action: "ADD",
  bizStep: "packing",
  disposition: "in_progress",
});

/** Every custody event of the whole journey, in order: steps 2 to 25 of a CAR-T workflow. */
export const plannedEvents: PlannedEvent[] = [
  event("therapy-order", "hospital", 0, {
    type: "TransactionEvent",
    action: "ADD",
    bizTransactionList: [{ type: "po", bizTransaction: "https://id.example.org/order/0001" }],
    epcList: [APHERESIS_BAG],
    bizStep: "reserving",
    disposition: "reserved",
    ...room("hospital", "PHARMACY"),
  }),
  event("patient-identity-check", "hospital", 600, observe(APHERESIS_BAG, "inspecting", "conformant", room("hospital", "APHROOM1"))),
  event("apheresis-collection", "hospital", 840, {
    type: "ObjectEvent",
    epcList: [APHERESIS_BAG],
    action: "ADD",
    bizStep: "commissioning",
    disposition: "active",
    ...room("hospital", "APHROOM1"),
    bizLocation: { id: `https://id.gs1.org/414/${glnOf("hospital")}` },
    ilmd: { "threadline:productClass": "leukapheresis" },
  }),
  event("collection-sampling", "hospital", 855, observe(APHERESIS_BAG, "inspecting", "conformant", room("hospital", "CELLLAB"))),
  event("collection-packing", "hospital", 870, { ...pack(COOL_SHIPPER, APHERESIS_BAG), ...room("hospital", "CELLLAB") }),
  event("inbound-shipper-assignment", "courier", 880, {
    type: "AssociationEvent",
    parentID: COOL_SHIPPER,
    childEPCs: [`https://id.gs1.org/8004/${INBOUND_LOGGER}`],
    action: "ADD",
    bizStep: "installing",
    ...room("hospital", "DOCK"),
  }),
  event("collection-release", "hospital", 900, observe(APHERESIS_BAG, "shipping", "in_transit", { ...room("hospital", "DOCK"), ...handover("hospital", "courier") })),
  event("collection-pickup", "courier", 905, observe(APHERESIS_BAG, "accepting", "in_transit", { ...room("hospital", "DOCK"), ...handover("hospital", "courier") })),
  event("collection-delivery", "courier", 1445, observe(APHERESIS_BAG, "shipping", "in_transit", { ...room("manufacturer", "DOCK"), ...handover("courier", "manufacturer") })),
  event("collection-receipt", "manufacturer", 1450, observe(APHERESIS_BAG, "accepting", "in_progress", { ...room("manufacturer", "DOCK"), ...handover("courier", "manufacturer") })),
  event("receipt-inspection", "manufacturer", 1475, observe(APHERESIS_BAG, "inspecting", "conformant", room("manufacturer", "GOODSIN"))),
  event("starting-material-disposition", "manufacturer", 1530, observe(APHERESIS_BAG, "storing", "available", room("manufacturer", "QUARANTINE"))),
  event("manufacture", "manufacturer", 14_000, {
    type: "TransformationEvent",
    inputEPCList: [APHERESIS_BAG],
    outputEPCList: [PRODUCT_BAG],
    transformationID: BATCH,
    bizStep: "commissioning",
    disposition: "in_progress",
    ...room("manufacturer", "CLEANROOM2"),
    bizTransactionList: [{ type: "prodorder", bizTransaction: "https://id.example.org/po/1" }],
  }),
  event("cryopreservation", "manufacturer", 14_120, observe(PRODUCT_BAG, "storing", "container_closed", room("manufacturer", "FREEZER1"))),
  event("product-labelling", "manufacturer", 14_150, observe(PRODUCT_BAG, "encoding", "encoded", room("manufacturer", "LABELLING"))),
  event("quality-control-tests", "manufacturer", 27_000, {
    ...observe(PRODUCT_BAG, "inspecting", "conformant", room("manufacturer", "QC")),
    bizTransactionList: [{ type: "testres", bizTransaction: "https://id.example.org/coa/1" }],
  }),
  event("batch-record-review", "manufacturer", 27_300, observe(PRODUCT_BAG, "inspecting", "conformant", {
    ...room("manufacturer", "QA"),
    persistentDisposition: { set: ["completeness_verified"] },
  })),
  event("product-packing", "manufacturer", 28_800, { ...pack(DRY_SHIPPER, PRODUCT_BAG), ...room("manufacturer", "FREEZER1") }),
  event("product-release", "manufacturer", 28_860, observe(PRODUCT_BAG, "shipping", "in_transit", { ...room("manufacturer", "DOCK"), ...handover("manufacturer", "courier") })),
  event("product-pickup", "courier", 28_865, observe(PRODUCT_BAG, "accepting", "in_transit", { ...room("manufacturer", "DOCK"), ...handover("manufacturer", "courier") })),
  event("product-delivery", "courier", 30_000, observe(PRODUCT_BAG, "shipping", "in_transit", { ...room("hospital", "DOCK"), ...handover("courier", "hospital") })),
  event("product-receipt", "hospital", 30_005, observe(PRODUCT_BAG, "accepting", "in_progress", { ...room("hospital", "DOCK"), ...handover("courier", "hospital") })),
  event("pharmacy-verification", "hospital", 30_040, observe(PRODUCT_BAG, "inspecting", "conformant", room("hospital", "PHARMACY"))),
  event("thaw", "hospital", 34_600, observe(PRODUCT_BAG, "removing", "in_progress", room("hospital", "WARD7"))),
  event("infusion", "hospital", 34_615, observe(PRODUCT_BAG, "dispensing", "dispensed", room("hospital", "WARD7"))),
];

function event(step: string, by: string, minute: number, body: Record<string, unknown>): PlannedEvent {
  return { step, by, minute, body };
}

/** One planned event as an EPCIS 2.0 document that names its Chain of Identity and its step. */
export function document(planned: PlannedEvent, start: Date, number: number): Record<string, unknown> {
  const time = new Date(start.getTime() + planned.minute * 60_000).toISOString();
  return {
    "@context": [
      "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
      { threadline: "https://threadline.example/epcis/" },
    ],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: time,
    epcisBody: {
      eventList: [
        {
          ...planned.body,
          eventID: `urn:uuid:00000000-0000-4000-8000-${String(number).padStart(12, "0")}`,
          eventTime: time,
          eventTimeZoneOffset: "+00:00",
          "threadline:chainOfIdentity": CHAIN_OF_IDENTITY,
          "threadline:step": planned.step,
        },
      ],
    },
  };
}
