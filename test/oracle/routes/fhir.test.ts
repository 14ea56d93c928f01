import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { certifiedContext, signResults, specificationSchema } from "../../../services/model/quality/index.ts";
import { masterRecipeHash, recipePhases } from "../../../services/model/quality/master-recipe.ts";
import { recordException } from "../../../services/store/exception-details.ts";
import { sealResults } from "../../../services/store/sealed-batch.ts";
import { journeyCipher } from "../../../services/store/vault/index.ts";
import { goodRecord, laboratoryKey, testSpecification, withResult } from "../../circuits/support/batches.ts";
import { recipe } from "../../model/quality/support.ts";
import { createFhirValidator, literalReferences } from "../../support/fhir-definitions.ts";
import { newIdentity, present, startOracle } from "../support.ts";
import type { Api, Json, TestOracle } from "../support.ts";

type Participant = Awaited<ReturnType<TestOracle["participant"]>>;

const FOLDER = new URL("../../../examples/car-t/", import.meta.url).pathname;
const COI = "CHA999926000001";
const DIN = "A999926123456";
const COLLECTION = "https://id.gs1.org/01/09506000134352/21/APH0001";
const TYPES = ["BiologicallyDerivedProduct", "Specimen", "ServiceRequest", "Procedure", "Observation", "Consent", "Provenance", "AuditEvent"];
const RECORD_NUMBER = { system: "urn:oid:2.16.840.1.113883.19.5", value: "MRN-4711" };

let oracle: TestOracle;
let hospital: Participant;
let courier: Participant;
let manufacturer: Participant;
let certifier: Participant;
let auditor: Participant;
let stranger: Participant;
let journeyId: string;
let faultsOf: ReturnType<typeof createFhirValidator>;

beforeAll(async () => {
  faultsOf = createFhirValidator();
  oracle = await startOracle();
  hospital = await oracle.participant("treatment-centre", "apheresis-centre");
  courier = await oracle.participant("logistics-provider");
  manufacturer = await oracle.participant("manufacturing-site");
  certifier = await oracle.participant("qualified-person");
  auditor = await oracle.participant("auditor");
  stranger = await oracle.participant("treatment-centre");
  await playExample();
});
afterAll(() => oracle.close());

/** The events of examples/car-t through the API, each by who captures it there; then what the ledger would tell. */
async function playExample(): Promise<void> {
  const read = (name: string) => JSON.parse(readFileSync(join(FOLDER, name), "utf8"));
  expect((await manufacturer.api("POST", "/recipes", recipe())).status).toBe(201);
  const specification = specificationSchema.parse({
    ...testSpecification,
    recipeHash: masterRecipeHash(recipe()),
    phases: recipePhases(recipe()).map(({ phase, title }) => ({ phase, title })),
  });
  const registered = await manufacturer.api("POST", "/specifications", specification);
  expect(registered.status).toBe(201);
  const flow = { ...read("flow.json"), specifications: [{ name: "release", documentHash: registered.body.documentHash }] };
  expect((await oracle.operator("POST", "/flows", flow)).status).toBe(201);
  const opened = await hospital.api("POST", "/journeys", {
    chainOfIdentity: COI,
    flow: { name: flow.name, version: flow.version },
    donationIdentificationNumbers: [DIN],
    patient: RECORD_NUMBER,
  });
  expect(opened.status).toBe(201);
  journeyId = opened.body.journeyId;
  const by: Record<string, Participant> = { hospital, courier, manufacturer };
  const captures = read("journey.json").steps.filter((step: Json) => "capture" in step);
  expect(captures.length).toBe(readdirSync(join(FOLDER, "events")).length);
  for (const step of captures) {
    const document = read(step.capture);
    const event = { "@context": document["@context"], ...document.epcisBody.eventList[0] };
    expect((await present(by[step.by]).api("POST", "/events", event)).status).toBe(201);
  }
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  const consent = { patient: RECORD_NUMBER, purpose: "treatment", scope: "translation", domain: "journey", grantee: manufacturer.gln, expiresAt: tomorrow };
  expect((await hospital.api("POST", "/consents", consent)).status).toBe(201);
  await oracle.database.transaction().execute((transaction) =>
    recordException(transaction, {
      journeyId, code: "temperature-excursion", leg: 0, occurredAt: 1_772_500_000,
      observed: 9.5, limit: 8, unit: "CEL", message: "9.5 °C was read, at most 8 °C is allowed.", key: "1",
    }),
  );
  await recordFirstStage(specification);
  await oracle.database
    .insertInto("chain_participants")
    .values({ participant_index: 1, participant_id: certifier.participantId, roles: 16, suspended: false, own_keys_only: false })
    .execute();
  await oracle.database
    .insertInto("chain_releases")
    .values({ journey_id: journeyId, gate: 0, participant_index: 1, signer: "0xaa", head: "0xbb", signed_at: 1_774_100_000, released_at: 1_774_100_005 })
    .execute();
}

/** A laboratory's signed results before sterility is known, as the node stores them. */
async function recordFirstStage(specification: ReturnType<typeof specificationSchema.parse>): Promise<void> {
  const tested = withResult(goodRecord(specification, { stage: "first" }), "endotoxin", { qualifier: "less-than", value: "0.05", unit: "[EU]/mL" });
  const record = withResult(withResult(withResult(tested, "sterility", null), "osmolalityShift", null), "cellCount", null);
  const batch = "https://id.example.org/transformation/BATCH-0001";
  const contract = `0x${"0".repeat(39)}1`;
  const place = { chainId: 1n, contract, journeyId, specificationNumber: 0, specification, batch, laboratory: "9506000134LAB1" };
  const { certificate, hash } = certifiedContext(place, record);
  const cipher = await journeyCipher(oracle.database, [journeyId]);
  const kept = { body: JSON.stringify(signResults(place, "release", record, laboratoryKey)), certificate: JSON.stringify(certificate) };
  await oracle.database
    .insertInto("batch_results")
    .values({
      results_commitment: "1", journey_id: journeyId, specification_number: 0, stage: "first", giai: place.laboratory,
      signed_at: record.signedAt, ...sealResults(cipher, { journey_id: journeyId, results_commitment: "1" }, kept, null), certificate_hash: hash, status: "recorded", attempts: 0,
      posted_by: manufacturer.participantId, received_at_milliseconds: Date.now(),
    })
    .execute();
}

async function everything(api: Api): Promise<Json[]> {
  const { status, body, headers } = await api("GET", `/fhir/R4/journeys/${journeyId}/$everything`);
  expect([status, headers.get("content-type")]).toEqual([200, "application/fhir+json; charset=utf-8"]);
  expect(faultsOf(body)).toEqual([]);
  return body.entry.map((entry: Json) => entry.resource);
}

async function search(api: Api, query: string, headers?: Record<string, string>): Promise<Json> {
  const answered = await api("GET", `/fhir/R4/${query}`, undefined, headers);
  expect([query, answered.status, answered.body]).toEqual([query, 200, expect.objectContaining({ type: "searchset" })]);
  expect([query, faultsOf(answered.body)]).toEqual([query, []]);
  return answered.body;
}

const resourcesOf = (bundle: Json): Json[] =>
  (bundle.entry ?? []).filter((entry: Json) => entry.search.mode === "match").map((entry: Json) => entry.resource);

const accesses = () => oracle.database.selectFrom("accesses").selectAll().where("interaction", "is not", null).orderBy("access_number").execute();

async function refused(api: Api, method: string, path: string, headers: Record<string, string> = {}) {
  const { status, body, headers: answered } = await api(method, path, method === "POST" ? {} : undefined, headers);
  expect([path, answered.get("content-type")]).toEqual([path, "application/fhir+json; charset=utf-8"]);
  expect([path, faultsOf(body)]).toEqual([path, []]);
  expect(body.resourceType).toBe("OperationOutcome");
  return [status, body.issue[0].code];
}

describe("the FHIR façade", () => {
  it("says what it is, to anyone, and serves what it says", async () => {
    const { status, body } = await oracle.as(null)("GET", "/fhir/R4/metadata");
    expect(status).toBe(200);
    expect(faultsOf(body)).toEqual([]);
    expect(body.implementation.url).toBe(`${oracle.url}/fhir/R4`);
    expect(body.rest[0].resource.map((resource: Json) => resource.type).sort()).toEqual([...TYPES].sort());
    for (const { type, searchParam } of body.rest[0].resource)
      for (const { name, type: kind } of searchParam) {
        const written = ["patient", "subject"].includes(name) ? `${name}:identifier` : name;
        await search(auditor.api, `${type}?${written}=${kind === "token" ? "x" : "Specimen/x"}`, { prefer: "handling=strict" });
      }
  });

  it("answers every resource of the journey, valid by HL7's definitions, alone as in the bundle", async () => {
    await everything(hospital.api);
    const resources = await everything(hospital.api);
    expect([...new Set(resources.map(({ resourceType }) => resourceType))].sort()).toEqual([...TYPES].sort());
    expect(resources.filter(({ resourceType }) => resourceType === "Provenance")).toHaveLength(26);
    const served = new Set<string>();
    for (const resource of resources) {
      const path = `/fhir/R4/${resource.resourceType}/${resource.id}`;
      served.add(`${resource.resourceType}/${resource.id}`);
      const { status, body, headers } = await hospital.api("GET", path);
      expect([path, status, headers.get("content-type")]).toEqual([path, 200, "application/fhir+json; charset=utf-8"]);
      expect([path, faultsOf(body)]).toEqual([path, []]);
      expect(body).toEqual(resource);
    }
    expect(resources.flatMap(literalReferences).filter((reference) => !served.has(reference))).toEqual([]);
  });

  it("tells the exception and the release", async () => {
    const observations = resourcesOf(await search(hospital.api, `Observation?code=temperature-excursion`));
    expect(observations).toEqual([expect.objectContaining({ valueCodeableConcept: { coding: [expect.objectContaining({ code: "critical" })] } })]);
    const provenances = resourcesOf(await search(hospital.api, `Provenance?journey=${journeyId}&_count=100`));
    expect(provenances.at(-1).activity.coding[0].code).toBe("certification");
    expect(provenances.at(-1).agent[0].who.identifier.value).toBe(certifier.gln);
  });

  it("tells release tests to whom the certificate is for, those that are not there with the reason", async () => {
    const laboratory = (bundle: Json) => resourcesOf(bundle).filter(({ category }) => category[0].coding[0].code === "laboratory");
    const tests = laboratory(await search(hospital.api, "Observation?_count=100"));
    const told = tests.map(({ code, status, valueQuantity: value, valueCodeableConcept: finding, dataAbsentReason: reason }) => [
      code.coding[0].code,
      status,
      value === undefined ? (finding ?? reason).coding[0].code : `${value.comparator ?? ""}${value.value} ${value.code}`,
    ]);
    expect(told).toEqual([
      ["viabilityPercent", "preliminary", "70 %"],
      ["vectorCopyNumber", "preliminary", "0.02 {copies}/{cell}"],
      ["endotoxin", "preliminary", "<0.05 [EU]/mL"],
      ["cellCount", "registered", "unknown"],
      ["sterility", "registered", "temp-unknown"],
      ["identity", "preliminary", "positive"],
    ]);
    expect(tests[0].referenceRange).toEqual([{ text: "at least 70.0 %" }]);
    const { api } = await oracle.participant("apheresis-centre");
    await api("POST", "/scans", { raw: `&/${COI}`, journeyId, step: "collection-packing" });
    const seen = await search(api, "Observation?_count=100");
    expect([resourcesOf(seen).length > 0, laboratory(seen)]).toEqual([true, []]);
  });

  it("holds its validator to broken answers too", async () => {
    const [order] = resourcesOf(await search(hospital.api, "ServiceRequest"));
    expect(faultsOf(order)).toEqual([]);
    for (const broken of [{ ...order, status: "started" }, { ...order, intent: undefined }, { ...order, authoredOn: "soon" }, { ...order, patient: {} }])
      expect(faultsOf(JSON.parse(JSON.stringify(broken)))).not.toEqual([]);
  });
});

describe("who may read", () => {
  it("names the patient by pseudonym to whose duty asks for it, and masks it for others", async () => {
    const [shown] = resourcesOf(await search(hospital.api, "Procedure?code=infusion"));
    const pseudonym = present(shown.subject.identifier.value) as string;
    expect(pseudonym).toMatch(/^0x[0-9a-f]{62}$/);
    for (const [{ api }, isShown] of [[hospital, true], [manufacturer, true], [certifier, false], [auditor, false]] as const) {
      const text = JSON.stringify(await everything(api));
      expect([isShown, text.includes(pseudonym)]).toEqual([isShown, isShown]);
      expect(text).not.toContain(RECORD_NUMBER.value);
      const query = `Procedure?patient:identifier=${encodeURIComponent(`https://threadline.example/fhir/NamingSystem/patient-pseudonym|${pseudonym}`)}`;
      expect(resourcesOf(await search(api, query))).toHaveLength(isShown ? 2 : 0);
    }
  });

  it("keeps couriers, payers and the operator out, consents and accesses from makers, and journeys from strangers", async () => {
    const payer = await oracle.participant("payer");
    for (const api of [courier.api, payer.api, oracle.operator])
      for (const path of [`journeys/${journeyId}/$everything`, ...TYPES, "Specimen/x"])
        expect([path, ...(await refused(api, "GET", `/fhir/R4/${path}`))]).toEqual([path, 403, "forbidden"]);
    expect(await refused(oracle.as(null), "GET", "/fhir/R4/Specimen")).toEqual([401, "login"]);
    for (const { api } of [manufacturer, certifier]) {
      expect(await refused(api, "GET", "/fhir/R4/Consent")).toEqual([403, "forbidden"]);
      const types = new Set((await everything(api)).map(({ resourceType }) => resourceType));
      expect([types.has("Consent"), types.has("AuditEvent"), types.has("Specimen")]).toEqual([false, false, true]);
    }
    for (const type of TYPES) expect(resourcesOf(await search(stranger.api, type))).toEqual([]);
    expect(resourcesOf(await search(stranger.api, `Specimen?identifier=${COI}`))).toEqual([]);
    expect(await refused(stranger.api, "GET", `/fhir/R4/journeys/${journeyId}/$everything`)).toEqual([404, "not-found"]);
    const [specimen] = resourcesOf(await search(hospital.api, "Specimen"));
    expect(await refused(stranger.api, "GET", `/fhir/R4/Specimen/${specimen.id}`)).toEqual([404, "not-found"]);
  });

  it("shows a consent to who recorded it and to oversight, not to another hospital of the journey", async () => {
    expect(resourcesOf(await search(hospital.api, "Consent"))).toHaveLength(1);
    expect(resourcesOf(await search(auditor.api, "Consent"))).toHaveLength(1);
    const second = await oracle.participant("treatment-centre");
    await second.api("POST", "/scans", { raw: `&/${COI}`, journeyId, step: "pharmacy-verification" });
    expect(resourcesOf(await search(second.api, "Specimen"))).toHaveLength(1);
    expect(resourcesOf(await search(second.api, "Consent"))).toEqual([]);
  });
});

describe("access itself", () => {
  it("is written down before it is answered: who, what, which journey, and nothing that was looked for", async () => {
    const [specimen] = resourcesOf(await search(hospital.api, "Specimen"));
    const before = (await accesses()).length;
    await manufacturer.api("GET", `/fhir/R4/Specimen/${specimen.id}`);
    await manufacturer.api("GET", `/fhir/R4/Specimen?identifier=${encodeURIComponent(COLLECTION)}&Jane-Doe=1`);
    await stranger.api("GET", `/fhir/R4/Specimen/${specimen.id}`);
    await everything(auditor.api);
    const rows = (await accesses()).slice(before);
    expect(rows).toMatchObject([
      { participant_id: manufacturer.participantId, interaction: "read", journey_id: journeyId, resource_id: specimen.id, pseudonym_shown: true, is_refused: false },
      { participant_id: manufacturer.participantId, interaction: "search-type", journey_id: journeyId, parameters: "identifier", resources: 1 },
      { participant_id: stranger.participantId, interaction: "read", journey_id: null, resources: 0, is_refused: true },
      { participant_id: auditor.participantId, interaction: "operation", journey_id: journeyId, pseudonym_shown: false },
    ]);
    expect(JSON.stringify(rows)).not.toMatch(/APH0001|Jane/);
  });

  it("is answered as AuditEvents, refusals to oversight only, and newest first", async () => {
    const own = resourcesOf(await search(hospital.api, `AuditEvent?journey=${journeyId}&_count=500`));
    expect(own.length).toBeGreaterThan(20);
    for (const event of own) expect(faultsOf(event)).toEqual([]);
    const moments = own.map(({ recorded }) => recorded);
    expect(moments).toEqual([...moments].sort().reverse());
    expect(own.filter(({ outcome }) => outcome !== "0")).toEqual([]);
    expect(own.some(({ agent }) => agent[0].who.identifier.value === manufacturer.gln)).toBe(true);
    await courier.api("GET", "/fhir/R4/Consent");
    const all = resourcesOf(await search(auditor.api, "AuditEvent?_count=1000"));
    expect(all[0]).toMatchObject({ outcome: "4", action: "E", agent: [{ who: { identifier: { value: courier.gln } } }], entity: [{ role: { code: "24" } }] });
    for (const event of all) expect(faultsOf(event)).toEqual([]);
    expect(all.some(({ outcome, agent }) => outcome === "4" && agent[0].who.identifier.value === stranger.gln)).toBe(true);
  });

  it("cannot be changed or deleted, and what cannot be written down is not answered", async () => {
    await expect(oracle.database.deleteFrom("accesses").execute()).rejects.toThrow(/only ever appended/);
    await expect(oracle.database.updateTable("accesses").set({ roles: "" }).execute()).rejects.toThrow(/only ever appended/);
    await sql`alter table accesses rename to accesses_away`.execute(oracle.database);
    try {
      expect(await refused(hospital.api, "GET", "/fhir/R4/Specimen")).toEqual([500, "exception"]);
    } finally {
      await sql`alter table accesses_away rename to accesses`.execute(oracle.database);
    }
    expect(resourcesOf(await search(hospital.api, "Specimen"))).toHaveLength(1);
  });
});

describe("searching", () => {
  it("finds by id, identifier, code and journey", async () => {
    const [product] = resourcesOf(await search(hospital.api, `BiologicallyDerivedProduct?identifier=${encodeURIComponent(COLLECTION)}`));
    expect(resourcesOf(await search(hospital.api, `BiologicallyDerivedProduct?_id=${product.id}`))).toEqual([product]);
    for (const [query, count] of [
      [`BiologicallyDerivedProduct?identifier=${COI}`, 2],
      [`Specimen?identifier=https://www.isbt128.org/uri/DonationIdentificationNumber|${DIN}`, 1],
      ["Specimen?identifier=A999926123457", 0],
      ["ServiceRequest?identifier=https://id.example.org/order/0001", 1],
      ["Procedure?code=apheresis-collection,infusion", 2],
      ["Procedure?code=thaw", 0],
      [`Procedure?journey=${journeyId}`, 2],
      [`Procedure?journey=0x${"0".repeat(64)}`, 0],
      ["Procedure?_id=x", 0],
      [`Provenance?target=BiologicallyDerivedProduct/${product.id}&_count=100`, 13],
    ] as const)
      expect([query, resourcesOf(await search(hospital.api, query)).length, (await search(hospital.api, query)).total]).toEqual([query, count, count]);
  });

  it("leaves aside what it does not know and says so; refuses it when strict", async () => {
    const bundle = await search(hospital.api, "Specimen?colour=red");
    expect(resourcesOf(bundle)).toHaveLength(1);
    expect(bundle.entry.at(-1)).toMatchObject({ search: { mode: "outcome" }, resource: { issue: [{ severity: "warning", code: "not-supported" }] } });
    expect(bundle.link[0].url).not.toContain("colour");
    expect(await refused(hospital.api, "GET", "/fhir/R4/Specimen?colour=red", { prefer: "return=representation, handling=strict" })).toEqual([400, "invalid"]);
    for (const query of ["identifier:not=x", "patient=Patient/1", "_count=0", "_count=many", "_page=x", "_id=a&_id=b"])
      expect([query, ...(await refused(hospital.api, "GET", `/fhir/R4/Specimen?${query}`))]).toEqual([query, 400, "invalid"]);
  });

  it("pages through a search and through a journey without losing or repeating anything", async () => {
    for (const [start, whole] of [
      ["Provenance?_count=7", (await search(hospital.api, "Provenance?_count=1000")).entry],
      [`journeys/${journeyId}/$everything?_count=40`, undefined],
      ["AuditEvent?_count=9", undefined],
    ] as const) {
      const seen: string[] = [];
      let next: string | undefined = `${oracle.url}/fhir/R4/${start}`;
      for (let pages = 0; next !== undefined && pages < 60; pages += 1) {
        const { pathname, search: query } = new URL(next);
        const bundle: Json = await search(hospital.api, `${pathname}${query}`.replace("/fhir/R4/", ""));
        seen.push(...bundle.entry.map((entry: Json) => entry.fullUrl));
        next = bundle.link.find((link: Json) => link.relation === "next")?.url;
      }
      expect([start, next]).toEqual([start, undefined]);
      expect(new Set(seen).size).toBe(seen.length);
      if (whole !== undefined) expect(seen).toEqual(whole.map((entry: Json) => entry.fullUrl));
    }
  });

  it("goes on over journeys that hold nothing", async () => {
    const many = await oracle.participant("treatment-centre");
    for (let journey = 0; journey < 52; journey += 1)
      await many.api("POST", "/journeys", { chainOfIdentity: newIdentity(), flow: { name: "autologous-car-t-fresh-in-cryo-out", version: 2 } });
    const first = await search(many.api, "Specimen");
    expect([resourcesOf(first).length, first.total]).toEqual([0, undefined]);
    const { pathname, search: query } = new URL(first.link[1].url);
    const second = await search(many.api, `${pathname}${query}`.replace("/fhir/R4/", ""));
    expect(second.link).toHaveLength(1);
  });
});

describe("what FHIR asks of failures", () => {
  it("answers any search and any id with a bundle or an OperationOutcome, never with an error of its own", async () => {
    const names = fc.constantFrom("_id", "identifier", "code", "patient:identifier", "journey", "_count", "_page", "target", "other");
    const hostile = fc.constantFrom("|", "a|b|c", "\\", ",", "\\,|", "9".repeat(400), "OTk5OTk5OTk5OTk5OTk5Ljk5OTk5OTk5OS4weDA", "%", "0x", "' or 1=1 --");
    await fc.assert(
      fc.asyncProperty(names, fc.oneof(fc.string(), hostile), async (name, value) => {
        for (const path of [`Observation?${name}=${encodeURIComponent(value)}`, `AuditEvent?${name}=${encodeURIComponent(value)}`, `Specimen/${encodeURIComponent(value || "x")}`]) {
          const { status, body } = await hospital.api("GET", `/fhir/R4/${path}`);
          expect([path, status < 500, faultsOf(body)]).toEqual([path, true, []]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("answers an OperationOutcome with the right status, whatever fails", async () => {
    for (const [method, path, headers, expected] of [
      ["GET", "/fhir/R4/Patient", {}, [404, "not-found"]],
      ["GET", "/fhir/R4/Specimen/none", {}, [404, "not-found"]],
      ["GET", "/fhir/R4/AuditEvent/none", {}, [404, "not-found"]],
      ["GET", `/fhir/R4/Specimen/${"x".repeat(65)}`, {}, [400, "invalid"]],
      ["GET", `/fhir/R4/journeys/0x${"0".repeat(64)}/$everything`, {}, [404, "not-found"]],
      ["POST", "/fhir/R4/Specimen", {}, [405, "not-supported"]],
      ["DELETE", "/fhir/R4/Specimen/none", {}, [405, "not-supported"]],
      ["GET", "/fhir/R4/Specimen", { accept: "application/fhir+xml" }, [406, "not-supported"]],
      ["GET", "/fhir/R4/Specimen?_format=xml", {}, [406, "not-supported"]],
    ] as const)
      expect([path, ...(await refused(hospital.api, method, path, headers))]).toEqual([path, ...expected]);
    for (const format of ["json", "application/json", "application/fhir%2Bjson", "application/fhir+json"])
      await search(hospital.api, `Specimen?_format=${format}`, { accept: "text/html" });
  });
});
