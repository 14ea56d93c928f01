import { expect, test } from "vitest";
import { eventEpcs, eventTarget, eventTimeSeconds, extensionValue, THREADLINE_NAMESPACE } from "../../../services/model/epcis/index.ts";
import { accepted, APHERESIS_BAG, CONTEXT, objectEvent } from "./examples.ts";

const common = { eventTime: "2026-03-02T10:00:00.900+01:00", eventTimeZoneOffset: "+01:00" };

test("all EPCs of an aggregation, in one spelling and once each", () => {
  const event = accepted({
    ...common,
    type: "AggregationEvent",
    action: "ADD",
    parentID: "urn:epc:id:grai:9506000.13437.S1",
    childEPCs: ["urn:epc:id:sgtin:9506000.013435.APH0001", APHERESIS_BAG],
  });
  expect(eventEpcs(event)).toEqual(["https://id.gs1.org/8003/09506000134376S1", APHERESIS_BAG]);
});

test("inputs and outputs of a transformation", () => {
  const bag = "https://id.gs1.org/01/09506000134383/21/DPBAG01";
  const event = accepted({ ...common, type: "TransformationEvent", inputEPCList: [APHERESIS_BAG], outputEPCList: [bag] });
  expect(eventEpcs(event)).toEqual([APHERESIS_BAG, bag]);
});

test("EPCs that hold no GS1 key are kept as they are", () => {
  expect(eventEpcs(accepted(objectEvent({ epcList: ["https://bags.example.org/7"] })))).toEqual(["https://bags.example.org/7"]);
});

test("the event time in whole seconds of Unix time", () => {
  expect(eventTimeSeconds(accepted({ ...common, type: "ObjectEvent", action: "OBSERVE", epcList: [] }))).toBe(
    Date.UTC(2026, 2, 2, 9) / 1000,
  );
});

test("Threadline's extensions are found by namespace, under any prefix", () => {
  const named = accepted(objectEvent({ "tl:chainOfIdentity": "CHA123426000001", "tl:step": "apheresis" }));
  expect(eventTarget(named, CONTEXT)).toEqual({ chainOfIdentity: "CHA123426000001", step: "apheresis" });
  const own = accepted(objectEvent({ "@context": { x: THREADLINE_NAMESPACE }, "x:step": "infusion" }));
  expect(eventTarget(own, CONTEXT)).toEqual({ step: "infusion" });
  const full = accepted(objectEvent({ [`${THREADLINE_NAMESPACE}step`]: "infusion" }));
  expect(eventTarget(full, [])).toEqual({ step: "infusion" });
});

test("the same name in another namespace, or a value that is no text, is no target", () => {
  expect(eventTarget(accepted(objectEvent({ "example:step": "infusion", "tl:step": 7 })), CONTEXT)).toEqual({});
  expect(extensionValue(accepted(objectEvent({ "example:step": 7 })), CONTEXT, "https://ns.example.org/cgt/", "step")).toBe(7);
});
