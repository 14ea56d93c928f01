import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { getBytes } from "ethers";
import { describe, expect, it } from "vitest";
import { eventHashBytes, parseEpcisEvent } from "../../../services/model/epcis/index.ts";
import type { EpcisEvent } from "../../../services/model/epcis/index.ts";
import { EXCEPTION_CATALOGUE, ROLES } from "../../../services/model/custody/index.ts";
import {
  blindedEpc,
  blindedEvent,
  blindedEventId,
  blindedPaths,
  discloseFields,
  fieldDisclosureProblems,
  partOfDetail,
  rolesSee,
  rolesThatSee,
  VIEWS,
} from "../../../services/model/privacy/index.ts";

const JOURNEY = `0x${"ab".repeat(32)}`;
const NAMES = { epc: blindedEpc(JOURNEY), eventId: blindedEventId(`0x${"cd".repeat(32)}`) };
const COI = "CHA999926000001";
const SCOPE = { steps: ["collect", "pick-up"], identity: [COI, "https://id.gs1.org/01/09506000134352/21/BAG1", "A99992600000100"] };
const CONTEXT = JSON.stringify(["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", { threadline: "https://threadline.example/epcis/" }]);
const BAG = "https://id.gs1.org/01/09506000134352/21/BAG1";
const COMMON = { eventTime: "2026-03-02T09:00:00.000Z", eventTimeZoneOffset: "+00:00", eventID: `urn:x:${COI}` };

const text = (event: Record<string, unknown>, context = CONTEXT) => ({ body: JSON.stringify({ ...COMMON, ...event }), context });
const seen = (event: Record<string, unknown>) => blindedEvent(text(event), SCOPE, NAMES) as Record<string, unknown>;

describe("views by role", () => {
  it("has a view for every role; a courier and a payer see no identity, a payer milestones only", () => {
    expect(Object.keys(VIEWS)).toEqual([...ROLES]);
    expect(VIEWS.payer).toEqual(["milestones"]);
    for (const role of ["logistics-provider", "payer", "regulator", "testing-laboratory", "oracle"] as const)
      for (const part of ["identity", "content"] as const) expect(rolesSee([role], part), `${role} ${part}`).toBe(false);
    expect(rolesThatSee("milestones")).toEqual([...ROLES]);
    expect(rolesSee(["payer", "logistics-provider"], "condition")).toBe(true);
    expect(rolesSee([], "milestones")).toBe(false);
  });

  it("counts the detail of a code as an identity's unless it is known to name none", () => {
    const ofIdentity = Object.keys(EXCEPTION_CATALOGUE).filter((code) => partOfDetail(code) === "identity");
    expect(ofIdentity.sort()).toEqual([
      "genealogy-mismatch",
      "identity-check-missing",
      "identity-mismatch",
      "label-not-printed",
      "label-reconciliation-difference",
      "label-voided",
      "operator-comment",
      "patient-merge-conflict",
    ]);
    expect(partOfDetail("temperature-excursion")).toBe("exceptions");
    expect(partOfDetail("out-of-specification")).toBe("quality");
    expect([partOfDetail("not-yet-invented"), partOfDetail("toString")]).toEqual(["identity", "identity"]);
  });
});

describe("a blinded event", () => {
  it("keeps transport and condition, and stands the journey's blinded id in for the material", () => {
    const shown = seen({
      type: "AggregationEvent",
      action: "ADD",
      bizStep: "packing",
      disposition: "in_transit",
      parentID: "https://id.gs1.org/8003/09506000134376S1",
      childEPCs: [BAG],
      readPoint: { id: "https://id.gs1.org/414/9506000134369/254/DOCK" },
      sourceList: [{ type: "possessing_party", source: "urn:epc:id:pgln:9506000.14930." }, { type: "possessing_party", source: "https://id.gs1.org/417/9506000149301" }],
      sensorElementList: [{ sensorMetadata: { deviceID: "https://id.gs1.org/8004/9506000134LOG7", rawData: "urn:x:secret" }, sensorReport: [{ type: "Temperature", value: 4.5, uom: "CEL", stringValue: "for Jane" }] }],
      "threadline:step": "collect",
      "threadline:chainOfIdentity": COI,
      "threadline:note": "for Jane",
    });
    expect(shown).toMatchObject({
      parentID: "https://id.gs1.org/8003/09506000134376S1",
      childEPCs: [NAMES.epc],
      readPoint: { id: "https://id.gs1.org/414/9506000134369/254/DOCK" },
      sensorElementList: [{ sensorMetadata: { deviceID: "https://id.gs1.org/8004/9506000134LOG7" }, sensorReport: [{ type: "Temperature", value: 4.5, uom: "CEL" }] }],
      "threadline:step": "collect",
      eventID: NAMES.eventId,
    });
    const written = JSON.stringify(shown);
    for (const secret of [COI, "BAG1", "Jane", "secret"]) expect(written).not.toContain(secret);
    expect(parseEpcisEvent(shown, JSON.parse(CONTEXT)).ok).toBe(true);
  });

  it("withholds an identity that hides where something harmless should stand", () => {
    const shown = seen({
      type: "ObjectEvent",
      action: "OBSERVE",
      epcList: [`https://id.gs1.org/8003/09506000134376${COI}`],
      bizStep: `https://courier.example/${COI}`,
      readPoint: { id: `https://id.gs1.org/414/9506000134369/254/${COI.toLowerCase()}` },
      eventID: `ni:///sha-256;${"ab".repeat(32)}?ver=CBV2.0`,
      certificationInfo: `https://x.example/${COI}`,
      "threadline:step": COI,
      "threadline:step:CHA999926000002": "collect",
      "other:step": "collect",
      "@context": { other: `https://x.example/${COI}/` },
    });
    expect(shown).toEqual({ type: "ObjectEvent", action: "OBSERVE", epcList: [NAMES.epc], eventTime: COMMON.eventTime, eventTimeZoneOffset: "+00:00", eventID: NAMES.eventId });
  });

  it.each([
    { type: "ObjectEvent", action: "ADD", quantityList: [{ epcClass: "https://id.gs1.org/01/09506000134352/10/LOT1" }], ilmd: { "threadline:productClass": "x" } },
    { type: "ObjectEvent", action: "OBSERVE", epcList: [BAG, "https://id.gs1.org/8003/09506000134376S1"] },
    { type: "TransactionEvent", action: "ADD", bizTransactionList: [{ type: "po", bizTransaction: "https://id.example.org/order/0001" }], epcList: [BAG] },
    { type: "TransformationEvent", inputEPCList: [BAG], outputQuantityList: [{ epcClass: "https://id.gs1.org/01/09506000134352/10/LOT1" }], transformationID: "urn:x:BATCH1" },
    { type: "AssociationEvent", action: "ADD", parentID: BAG, childEPCs: ["https://id.gs1.org/8004/9506000134LOG7"] },
    { type: "AggregationEvent", action: "DELETE", parentID: BAG },
  ])("stays an EPCIS event: $type", (event) => {
    const shown = seen(event);
    expect(parseEpcisEvent(shown, JSON.parse(CONTEXT))).toMatchObject({ ok: true });
    expect(JSON.stringify(shown)).not.toMatch(/BAG1|LOT1|BATCH1|order|CHA9999/);
  });

  it("is shown with leaves that the commitment holds, and neither the event's hash nor its whole text", () => {
    const event = text({ type: "ObjectEvent", action: "OBSERVE", epcList: [BAG], bizStep: "shipping", "threadline:step": "collect", "threadline:chainOfIdentity": COI });
    const paths = blindedPaths(event, SCOPE);
    expect(paths).toEqual(["context", "/eventTime", "/eventTimeZoneOffset", "/type", "/action", "/bizStep", "/threadline:step"]);
    const hash = eventHashBytes(JSON.parse(event.body) as EpcisEvent, JSON.parse(event.context));
    const shown = discloseFields(JOURNEY, { eventHash: hash, text: event, salt: getBytes(`0x${"07".repeat(32)}`) }, paths);
    expect(fieldDisclosureProblems(shown, shown.commitment)).toEqual([]);
    expect(JSON.stringify(shown)).not.toContain(COI);
    expect(JSON.stringify(shown)).not.toContain(Buffer.from(hash).toString("hex"));
  });

  it("withholds a context that says more than which vocabularies are used", () => {
    const told = text({ type: "ObjectEvent", action: "OBSERVE", epcList: [BAG] }, JSON.stringify({ CHA999926000002: "https://x.example/" }));
    expect(blindedPaths(told, SCOPE)).not.toContain("context");
  });

  it("names nobody in any event of the examples, and stays EPCIS", () => {
    const root = join(import.meta.dirname, "../../../examples");
    for (const folder of readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory()))
      for (const file of readdirSync(join(root, folder.name, "events"))) {
        const document = JSON.parse(readFileSync(join(root, folder.name, "events", file), "utf8")) as { "@context": unknown; epcisBody: { eventList: unknown[] } };
        for (const event of document.epcisBody.eventList) {
          const shown = blindedEvent({ body: JSON.stringify(event), context: JSON.stringify(document["@context"]) }, { steps: [], identity: [] }, NAMES);
          expect(parseEpcisEvent(shown, document["@context"]), `${folder.name}/${file}`).toMatchObject({ ok: true });
          expect(JSON.stringify(shown)).not.toMatch(/CHA9|\/01\/|order/);
        }
      }
  });
});
