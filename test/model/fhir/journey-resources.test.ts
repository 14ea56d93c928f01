import { beforeAll, describe, expect, it } from "vitest";
import { noDisposition } from "../../../services/model/custody/index.ts";
import { auditEventOf, capabilityStatement, EXTENSIONS, IDENTIFIER_SYSTEMS, journeyRangeOf, journeyResources, operationOutcome, searchset } from "../../../services/model/fhir/index.ts";
import type { FhirJourney, JourneyException, JourneyResourceType, Resource } from "../../../services/model/fhir/index.ts";
import { createFhirValidator, literalReferences } from "../../support/fhir-definitions.ts";
import { COLLECTION, exampleJourney, HOSPITAL, PRODUCT, PSEUDONYM, until, withEvent } from "./journey.ts";

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;

let faultsOf: ReturnType<typeof createFhirValidator>;
beforeAll(() => {
  faultsOf = createFhirValidator();
});

const of = (journey: FhirJourney, type: JourneyResourceType): Json[] => journeyResources(journey, [type]);
const products = (journey: FhirJourney) => new Map(of(journey, "BiologicallyDerivedProduct").map((product) => [product.identifier[0].value, product]));

const RELEASES = ["certification", "clearance-to-infuse"].map((gate) => ({
  gate,
  title: gate,
  releasedAt: Date.parse("2026-03-23T05:00:00Z"),
  releasedBy: { gln: "9506000150024", name: "Qualified Person" },
  signer: "0x00000000000000000000000000000000000000aa",
  head: `0x${"ad".repeat(32)}`,
}));

const EXCURSION: JourneyException = {
  key: "temperature-excursion:1",
  number: 0,
  code: "temperature-excursion",
  class: "critical",
  status: "open",
  leg: "inbound",
  occurredAt: Date.parse("2026-03-03T01:00:00Z"),
  raisedAt: Date.parse("2026-03-03T01:00:05Z"),
  message: "9.5 °C was read, at most 8 °C is allowed.",
};

const CONSENT = {
  consentId: "6f1f0a5e-3a3c-4c55-9d0b-2f3a6b7f1a10",
  purpose: "treatment",
  scope: "translation",
  domain: "journey",
  grantee: "0x01",
  givenAt: Date.parse("2026-03-01T00:00:00Z"),
  expiresAt: Date.parse("2027-03-01T00:00:00Z"),
  revokedAt: null,
  givenBy: HOSPITAL,
  granteeOrganisation: { gln: "9506000150017", name: "Example Cell Manufacturing" },
} as const;

function everything(): FhirJourney {
  return exampleJourney({ releases: RELEASES, exceptions: [EXCURSION], consents: [CONSENT] });
}

describe("a journey in FHIR R4", () => {
  it("is valid by HL7's definitions, resource by resource, and refers to nothing that is not there", () => {
    const resources = journeyResources(everything());
    expect(resources.length).toBeGreaterThan(30);
    for (const resource of resources) expect([resource, faultsOf(resource)]).toEqual([resource, []]);
    const served = new Set(resources.map(({ resourceType, id }) => `${resourceType}/${id}`));
    expect(served.size).toBe(resources.length);
    const references = resources.flatMap(literalReferences);
    expect(references.length).toBeGreaterThan(20);
    expect(references.filter((reference) => !served.has(reference))).toEqual([]);
  });

  it("is refused by the validator when a field is broken", () => {
    const [order] = of(everything(), "ServiceRequest");
    const [consent] = of(everything(), "Consent");
    const [product] = of(everything(), "BiologicallyDerivedProduct");
    const [provenance] = of(everything(), "Provenance");
    const { subject: _subject, ...withoutSubject } = order;
    const { policyRule: _rule, ...withoutPolicy } = consent;
    const broken: [string, unknown][] = [
      ["an unknown status", { ...order, status: "begun" }],
      ["no subject", withoutSubject],
      ["no policy (ppc-1)", withoutPolicy],
      ["an unknown member", { ...product, therapyIdentifier: [] }],
      ["a reference of another type", { ...order, subject: { reference: "Specimen/1" } }],
      ["one in a list", { ...product, parent: [{ reference: "Specimen/1" }] }],
      ["a category that is none", { ...product, productCategory: "cell" }],
      ["text for a moment", { ...provenance, recorded: "yesterday" }],
      ["a code HL7 does not know", { ...consent, scope: { coding: [{ system: "http://terminology.hl7.org/CodeSystem/consentscope", code: "everything" }] } }],
      ["one where many are meant", { ...order, identifier: order.identifier[0] }],
    ];
    for (const [what, resource] of broken) expect([what, faultsOf(resource).length > 0]).toEqual([what, true]);
  });

  it("gives the same resources and ids at every reading, and finds the journey by them", () => {
    expect(journeyResources(everything())).toEqual(journeyResources(everything()));
    const other = journeyResources({ ...everything(), journeyId: `0x${"7f".repeat(32)}` });
    const ids = new Set(journeyResources(everything()).map(({ id }) => id));
    expect(other.filter(({ id }) => ids.has(id))).toEqual([]);
    for (const id of ids) {
      const { first, last } = journeyRangeOf(id) ?? { first: "", last: "" };
      expect(first <= everything().journeyId && everything().journeyId <= last).toBe(true);
    }
    for (const id of ["", "x", `${"7e".repeat(16)}`, `${"7e".repeat(16)}-${"z".repeat(24)}`, `${"7E".repeat(16)}-${"a".repeat(24)}`])
      expect(journeyRangeOf(id)).toBeUndefined();
  });

  it("names material by its EPC, donation number and Chain of Identity, and tells what it was made of", () => {
    const made = products(everything());
    const [collection, product] = [made.get(COLLECTION), made.get(PRODUCT)];
    expect(collection.identifier).toContainEqual({ system: IDENTIFIER_SYSTEMS.donationIdentificationNumber, value: "A999926123456" });
    expect(collection.productCategory).toBe("cells");
    expect(collection.collection.collectedDateTime).toBe("2026-03-02T22:00:00.000Z");
    expect(product.parent).toEqual([{ reference: `BiologicallyDerivedProduct/${collection.id}` }]);
    expect(product.processing).toEqual([expect.objectContaining({ timeDateTime: "2026-03-12T01:20:00.000Z" })]);
    expect(product.collection).toBeUndefined();
    const therapy = { system: IDENTIFIER_SYSTEMS.chainOfIdentity, value: "CHA999926000001" };
    for (const { extension } of [collection, product]) expect(extension).toContainEqual({ url: EXTENSIONS.therapyIdentifier, valueIdentifier: therapy });
    const ambiguous = products({ ...everything(), donationIdentificationNumbers: ["A999926123456", "A999926123457"] }).get(PRODUCT);
    expect(ambiguous.extension.map((extension: Json) => extension.url)).not.toContain(EXTENSIONS.biologicalSourceEvent);
  });

  it("takes no bag of another journey for this patient's", () => {
    const foreign = "https://id.gs1.org/01/09506000134383/21/OTHERBAG";
    const journey = withEvent(until(everything(), "infusion"), { epcList: [foreign], bizStep: "dispensing", disposition: "dispensed" });
    expect([...products(journey).keys()]).toEqual([COLLECTION, PRODUCT]);
    const given = of(journey, "Procedure").at(-1);
    expect(given.extension[0].valueReference).toEqual({ type: "BiologicallyDerivedProduct", identifier: { system: "urn:ietf:rfc:3986", value: foreign } });
    expect(of(journey, "ServiceRequest")[0].status).toBe("active");
    for (const resource of journeyResources(journey)) expect(faultsOf(resource)).toEqual([]);
  });

  it("takes what only went into the product, such as a kit, for nobody's material", () => {
    const kit = "https://id.gs1.org/01/09506000134390/21/BEADS7";
    const made = { type: "TransformationEvent", bizStep: "commissioning", inputEPCList: [COLLECTION, kit], outputEPCList: [PRODUCT] };
    const journey = withEvent({ ...everything(), epcs: [COLLECTION, PRODUCT, kit] }, made);
    expect([...products(journey).keys()]).toEqual([COLLECTION, PRODUCT]);
    expect(products(journey).get(PRODUCT).parent).toContainEqual(expect.objectContaining({ identifier: { system: "urn:ietf:rfc:3986", value: kit } }));
  });

  it("calls a product available only between release and use, and never under an open exception", () => {
    const ready = { ...until(everything(), "infusion"), exceptions: [] };
    const status = (journey: FhirJourney) => products(journey).get(PRODUCT).status;
    expect(status(ready)).toBe("available");
    expect(status({ ...ready, releases: RELEASES.slice(0, 1) })).toBe("unavailable");
    expect(status({ ...ready, releases: [] })).toBe("unavailable");
    expect(status({ ...ready, flow: { ...ready.flow, gates: [] } })).toBe("unavailable");
    expect(status({ ...ready, exceptions: [EXCURSION] })).toBe("unavailable");
    expect(status({ ...ready, exceptions: [{ ...EXCURSION, number: null, status: "pending" }] })).toBe("unavailable");
    expect(status({ ...ready, exceptions: [{ ...EXCURSION, status: "resolved" }] })).toBe("available");
    expect(status({ ...ready, exceptions: [{ ...EXCURSION, class: "minor" }] })).toBe("available");
    expect(status({ ...everything(), exceptions: [] })).toBe("unavailable");
    for (const decision of ["on-hold", "rejected", "rework"] as const)
      expect(status({ ...ready, disposition: { ...noDisposition, decision } })).toBe("unavailable");
    expect(status({ ...ready, disposition: { ...noDisposition, decision: "accepted" } })).toBe("available");
    expect(status({ ...ready, disposition: { ...noDisposition, stage: "requested" } })).toBe("unavailable");
    expect(status({ ...ready, disposition: { ...noDisposition, decision: "accepted", recalls: 1 } })).toBe("unavailable");
    expect(products(ready).get(COLLECTION).status).toBe("unavailable");
    expect(status(withEvent(ready, { epcList: [PRODUCT], bizStep: "destroying", action: "DELETE" }))).toBe("unavailable");
  });

  it("refers to the patient by pseudonym alone, masked or unknown where there is none to show", () => {
    const subjects = (journey: FhirJourney) =>
      journeyResources(journey).flatMap((resource: Json) => resource.subject ?? resource.patient ?? resource.collection?.source ?? []);
    for (const subject of subjects(everything()))
      expect(subject).toEqual({ type: "Patient", identifier: { system: IDENTIFIER_SYSTEMS.patientPseudonym, value: PSEUDONYM } });
    for (const state of ["masked", "unknown"] as const) {
      const journey = { ...everything(), patient: { state } };
      expect(subjects(journey).length).toBeGreaterThan(5);
      for (const subject of subjects(journey)) expect(subject.extension[0].valueCode).toBe(state);
      for (const resource of journeyResources(journey)) expect(faultsOf(resource)).toEqual([]);
      expect(JSON.stringify(journeyResources(journey))).not.toContain(PSEUDONYM);
    }
  });

  it("keeps what was declared erroneous, and says so", () => {
    const journey = everything();
    const infusion = journey.events.at(-1);
    if (infusion === undefined) throw new Error("no infusion");
    const declared: FhirJourney = {
      ...journey,
      events: [
        ...journey.events.slice(0, -1),
        { ...infusion, isDeclaredErroneous: true },
        { ...infusion, event: { ...infusion.event, errorDeclaration: { declarationTime: "2026-03-26T09:30:00.000Z", reason: "did_not_occur" } } },
      ],
    };
    expect(of(declared, "Procedure").map(({ status }) => status)).toEqual(["completed", "entered-in-error"]);
    expect(of(declared, "ServiceRequest")[0].status).toBe("active");
    expect(of(declared, "Provenance").at(-3).entity[0].role).toBe("revision");
    for (const resource of journeyResources(declared)) expect(faultsOf(resource)).toEqual([]);
  });

  it("maps sensor reports with units it is certain of, and samples", () => {
    const sensorElementList = [
      {
        sensorMetadata: { startTime: "2026-03-02T23:05:00Z", endTime: "2026-03-03T08:10:00Z", deviceID: "https://id.gs1.org/8004/9506000134LOG7" },
        sensorReport: [
          { type: "Temperature", minValue: 2.9, maxValue: 6.4, meanValue: 4.2, uom: "CEL" },
          { type: "Temperature", value: 4.5, uom: "CEL", exception: "ALARM_CONDITION" },
          { type: "Acceleration", value: 14.7, uom: "ZZZ" },
          { type: "Count" },
        ],
      },
    ];
    const sensed = withEvent(everything(), { epcList: [COLLECTION], bizStep: "sensor_reporting", sensorElementList });
    const journey = withEvent(sensed, { epcList: [COLLECTION], bizStep: "sampling" });
    for (const resource of journeyResources(journey)) expect([resource.resourceType, faultsOf(resource)]).toEqual([resource.resourceType, []]);
    const [range, single, unknownUnit, nothing] = of(journey, "Observation").filter(({ category }) => category[0].coding[0].code === "condition");
    expect(range.component.map((component: Json) => component.valueQuantity)).toEqual(
      [2.9, 6.4, 4.2].map((value) => ({ value, unit: "Cel", system: "http://unitsofmeasure.org", code: "Cel" })),
    );
    expect(range.effectivePeriod).toEqual({ start: "2026-03-02T23:05:00.000Z", end: "2026-03-03T08:10:00.000Z" });
    expect(single.interpretation[0].coding[0].code).toBe("ALARM_CONDITION");
    expect(unknownUnit.valueQuantity).toEqual({ value: 14.7, unit: "ZZZ" });
    expect(nothing.dataAbsentReason.coding[0].code).toBe("unsupported");
    const [collected, sample] = of(journey, "Specimen");
    expect(sample.parent).toEqual([{ reference: `Specimen/${collected.id}` }]);
  });

  it("ends a consent when it is revoked or has expired", () => {
    const status = (change: object) => of({ ...everything(), consents: [{ ...CONSENT, ...change }] }, "Consent")[0];
    expect(status({}).status).toBe("active");
    expect(status({ expiresAt: Date.parse("2026-03-31T00:00:00Z") }).status).toBe("inactive");
    const revoked = status({ revokedAt: Date.parse("2026-03-15T00:00:00Z") });
    expect([revoked.status, revoked.provision.period.end]).toEqual(["inactive", "2026-03-15T00:00:00.000Z"]);
  });

  it("tells an exception under one id before and after the ledger recorded it", () => {
    const ids = [{ ...EXCURSION, number: null, status: "pending", raisedAt: null }, EXCURSION].map(
      (exception) => of({ ...everything(), exceptions: [exception] }, "Observation").at(-1) as Resource,
    );
    expect(ids[0]?.id).toBe(ids[1]?.id);
    for (const resource of ids) expect(faultsOf(resource)).toEqual([]);
  });
});

describe("what goes around resources", () => {
  it("is valid too: statement, outcome, bundle, audit event", () => {
    expect(faultsOf({ ...capabilityStatement("https://node.example/fhir/R4", "0.1.0") })).toEqual([]);
    expect(faultsOf(operationOutcome(404, "unknown-resource", "there is none"))).toEqual([]);
    const resources = journeyResources(everything());
    const page = { resources, total: resources.length, self: "https://node.example/fhir/R4/Specimen", next: null };
    expect(faultsOf(searchset("https://node.example/fhir/R4", page))).toEqual([]);
    expect(faultsOf(searchset("https://node.example/fhir/R4", { ...page, resources: [], total: 0 }))).toEqual([]);
    const access = {
      accessId: CONSENT.consentId,
      occurredAt: 1,
      organisation: HOSPITAL,
      roles: ["treatment-centre"],
      interaction: "search-type",
      resourceType: "Specimen",
      resourceId: null,
      journeyId: null,
      parameters: ["identifier"],
      resources: 0,
      isRefused: false,
      pseudonymShown: false,
    } as const;
    expect(faultsOf(auditEventOf(access))).toEqual([]);
    expect(faultsOf({ ...auditEventOf(access), action: "X" })).not.toEqual([]);
  });
});
