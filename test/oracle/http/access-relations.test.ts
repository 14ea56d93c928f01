import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCESS } from "../../../services/oracle/http/access.ts";
import { ROLES } from "../../../services/model/custody/index.ts";
import type { Role } from "../../../services/model/custody/index.ts";
import { startReceiver } from "../../support/webhook-receiver.ts";
import type { Receiver } from "../../support/webhook-receiver.ts";
import type { Answered } from "../support.ts";
import { playTherapy, secretsIn } from "../therapy.ts";
import type { Party } from "../therapy.ts";

/**
 * What each operation is bound to, and so what an organisation that is no part of it gets, whatever its duty:
 * - journey, event, label: 403 or 404;
 * - owned: the object is one organisation's own: 403 or 404;
 * - listed: an answer with nothing of the journey in it;
 * - milestones: what a grant of milestones opens, and nobody else;
 * - facts: whoever has the duty may record a fact of a journey whose id, or label, or identifier it has (facts are recorded
 *   and flagged): whatever it is answered, it is told nothing of the journey;
 * - none: no journey in it: the node, the consortium, equipment, documents, persons.
 */
type Bound = "journey" | "event" | "label" | "owned" | "listed" | "milestones" | "facts" | "none";

const BOUND: Record<Bound, string> = {
  journey: `getJourney listJourneyEvents listJourneyProofs listJourneyExceptions getGateChecks listReleases streamJourney
    getDisclosure exportJourney grantAccess revokeAccess listGrants getSealedEvents releaseGate getLegShippers getClocks
    getMeanKineticTemperature getDisposition decideDisposition takeExceptionalReleaseStep getRecall acknowledgeRecall
    listIntervalAcceptances acceptInterval advanceException listIdentityChecks printLabel reconcileLabels listLabels
    listLabelReconciliations getBatchRecord listEquipmentAcceptances acceptEquipment listBatchResults getCertificateOfAnalysis getFhirJourneyEverything assignShipper
    prepareSignature listSignatures signIdentityCheck`,
  event: "getEvent discloseFields",
  label: "voidLabel getLabelSvg getLabelPng getLabelPdf",
  owned: `rotateWebhookSecret setWebhookActive getCaptureJob revokeConsent
    readFhirBiologicallyDerivedProduct readFhirSpecimen readFhirServiceRequest readFhirProcedure readFhirObservation
    readFhirProvenance readFhirConsent readFhirAuditEvent`,
  listed: `listJourneys queryEvents listExceptions listWebhooks listCaptureJobs listConsents listPatientAudit listAccesses getGenealogy
    searchFhirBiologicallyDerivedProduct searchFhirSpecimen searchFhirServiceRequest searchFhirProcedure searchFhirObservation
    searchFhirProvenance searchFhirConsent searchFhirAuditEvent`,
  milestones: "getMilestones",
  facts: "recordScan assignDevice bindRecipe recordBatchEntries getBatchWorksheet recordBatchResults capture captureEvent captureSigned openJourney",
  none: `getHealth getMetrics getOpenApi getDocs getDocsAsset optionsCapture optionsEvents createParticipant listParticipants
    createApiKey addPerson listPersons setSigningSecret requireOwnKeys enrolDevice recordCalibration revokeDevice listDevices getBrokerToken eraseSubject
    rebuildReadModel getReadModelDigest registerFlow listFlows getFlow registerEncryptionKey createWebhook registerShipper
    qualifyShipper listShippers getShipper registerLane qualifyLane listLanes getLane issueCoiIdentifier registerRecipe getRecipe
    registerSpecification getSpecification registerPatientIdentifier translatePseudonym reidentifyPatient mergePatients
    unmergePatients setSigningSecret requireOwnKeys receiveHl7Message giveConsent getFhirMetadata verifyPatientAudit verifyAccesses`,
};
const boundOf = new Map(Object.entries(BOUND).flatMap(([bound, names]) => names.split(/\s+/).map((name) => [name, bound as Bound] as const)));

/** Duties that see every journey: no journey is outside theirs. */
const OVERSIGHT: readonly Role[] = ["qualified-person", "regulator", "auditor", "quality-assurance"];
const BOUNDED = ROLES.filter((role) => !OVERSIGHT.includes(role));
const REASON = "A reason that is long enough to be one.";

let therapy: Awaited<ReturnType<typeof playTherapy>>;
let receiver: Receiver;
let operations: { operationId: string; method: string; path: string }[];
let objects: { webhookId: string; captureId: string; consentId: string; grantId: string; fhirIds: Record<string, string> };
const relations: Record<"outside" | "granted" | "revoked", Map<Role, Party>> = { outside: new Map(), granted: new Map(), revoked: new Map() };

beforeAll(async () => {
  receiver = await startReceiver();
  therapy = await playTherapy({ webhooks: { privateTargets: true } });
  const { oracle, parties, journeyId } = therapy;
  const hospital = parties["treatment-centre"];
  const { body } = await oracle.operator("GET", "/openapi.json");
  operations = Object.entries(body.paths as Record<string, Record<string, { operationId: string }>>).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => ({ operationId, method: method.toUpperCase(), path })),
  );
  const grants: string[] = [];
  for (const role of BOUNDED)
    for (const relation of ["outside", "granted", "revoked"] as const) {
      const party = await oracle.participant(role);
      relations[relation].set(role, party);
      if (relation !== "outside") grants.push(await therapy.grantMilestones(party));
      if (relation === "revoked") await therapy.revoke(grants.at(-1) ?? "");
    }
  await therapy.settled();
  const webhook = await hospital.api("POST", "/webhooks", { url: receiver.url });
  const jobs = await parties["apheresis-centre"].api("GET", "/capture");
  const consent = await hospital.api("POST", "/consents", {
    patient: { system: "urn:oid:2.16.840.1.113883.19.5", value: therapy.secrets["record number"] },
    purpose: "treatment",
    domain: `organisation-${hospital.gln}`,
    scope: "translation",
    grantee: hospital.gln,
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
  });
  const everything = await hospital.api("GET", `/fhir/R4/journeys/${journeyId}/$everything?_count=500`);
  const resources = (everything.body.entry as { resource: { resourceType: string; id: string } }[]).map(({ resource }) => resource);
  objects = {
    webhookId: webhook.body.webhookId,
    captureId: jobs.body[0].captureID,
    consentId: consent.body.consentId,
    grantId: grants[0] ?? "",
    fhirIds: Object.fromEntries(resources.map(({ resourceType, id }) => [resourceType, id])),
  };
}, 120_000);
afterAll(async () => {
  await therapy?.close();
  await receiver?.close();
});

/** The operation on this journey's own objects, with a body it would take. */
async function call({ operationId, method, path }: (typeof operations)[number], party: Party): Promise<Answered> {
  const { journeyId, labelId, parties, events, coi } = therapy;
  const [event] = events;
  const place: Record<string, string> = {
    journeyId,
    labelId,
    eventID: encodeURIComponent(event.eventId),
    gate: "release",
    leg: "inbound",
    step: "request",
    linkedCommitment: "1",
    number: "0",
    gln: parties["treatment-centre"].gln,
    giai: "9506000134LOG1",
    id: objects.fhirIds[operationId.replace("readFhir", "")] ?? "none",
    version: "1",
    file: "start.js",
    ...objects,
    fhirIds: "",
  };
  const concrete = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => place[name] ?? "some-name");
  const query: Record<string, string> = {
    getGenealogy: `?of=${coi}`,
    listAccesses: `?journeyId=${journeyId}`,
    queryEvents: `?EQ_eventID=${encodeURIComponent(event.eventId)}`,
    getFhirJourneyEverything: "",
  };
  const bodies: Record<string, unknown> = {
    grantAccess: { recipient: party.gln, scopes: ["milestones"] },
    revokeAccess: {},
    discloseFields: { eventId: event.eventId, paths: ["/eventTime"] },
    releaseGate: { gate: "release" },
    decideDisposition: { decision: "accepted", reason: REASON },
    takeExceptionalReleaseStep: { reason: REASON },
    acknowledgeRecall: { recalls: 1 },
    prepareSignature: { act: "release", gate: "release" },
    signIdentityCheck: { signedAt: "2026-03-02T09:00:00Z", signature: `0x${"00".repeat(65)}` },
    acceptInterval: { exceptionNumber: 0 },
    advanceException: { to: "classified", reason: REASON },
    printLabel: { container: `https://id.gs1.org/01/${therapy.secrets["bag"]}`, productName: "Leukapheresis", storageProfile: "fresh" },
    voidLabel: { reason: REASON },
    reconcileLabels: { applied: [labelId], destroyed: [] },
    assignShipper: { grai: "09506000134376S9", lane: "some-lane", assignedAt: "2026-03-02T09:00:00Z" },
    assignDevice: { giai: "9506000134LOG1", assignedFrom: "2026-03-02T09:00:00Z" },
    recordScan: { raw: `=,${therapy.secrets["Chain of Identity of another"]}`, journeyId },
    rotateWebhookSecret: {},
    setWebhookActive: { active: false },
  };
  if (operationId === "streamJourney") return openStream(concrete, party);
  return party.api(method, concrete + (query[operationId] ?? ""), method === "POST" ? (bodies[operationId] ?? {}) : undefined);
}

async function openStream(path: string, party: Party): Promise<Answered> {
  const controller = new AbortController();
  const response = await fetch(new URL(path, therapy.oracle.url), { headers: { authorization: `Bearer ${party.key}` }, signal: controller.signal });
  const isOpen = response.headers.get("content-type")?.includes("event-stream") === true;
  const body = isOpen ? "" : await response.text();
  controller.abort();
  return { status: response.status, headers: response.headers, body };
}

/** What an answer holds of the journey that the asker did not know from asking: its id stands on the ledger. */
function told(answered: Answered, operationId: string): string[] {
  const asked = [therapy.events[0].eventId, therapy.coi, therapy.secrets["Chain of Identity of another"]].map(String);
  const text = typeof answered.body === "string" ? answered.body : JSON.stringify(answered.body);
  const withoutAsked = answered.status >= 400 || operationId === "getGenealogy" ? asked.reduce((left, part) => left.replaceAll(part, ""), text) : text;
  return secretsIn(withoutAsked, therapy.secrets);
}

describe("organisations", () => {
  it("have a row for every operation served, saying what it is bound to; a new one without a row fails here", () => {
    expect([...boundOf.keys()].sort()).toEqual(Object.keys(ACCESS).sort());
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual([...boundOf.keys()].sort());
    const unbound = operations.filter(({ operationId, path }) => path.includes("{journeyId}") && boundOf.get(operationId) === "none");
    expect(unbound).toEqual([]);
  });

  it("leave a trace of whatever they read of a journey", () => {
    const untraced = operations.filter(({ operationId, method }) => {
      const shows = boundOf.get(operationId) !== "none" && (method === "GET" || operationId === "discloseFields" || operationId === "recordScan");
      return shows && ACCESS[operationId]?.audited === undefined;
    });
    // One's own webhooks and capture jobs show nothing of a therapy.
    expect(untraced.map(({ operationId }) => operationId).sort()).toEqual(["getCaptureJob", "listCaptureJobs", "listWebhooks"]);
  });

  it.each(["outside", "granted", "revoked"] as const)("get nothing of a journey that is not theirs, whatever their duty: %s", { timeout: 120_000 }, async (relation) => {
    const wrong: Record<string, string> = {};
    for (const [role, party] of relations[relation])
      for (const operation of operations) {
        const { operationId } = operation;
        const bound = boundOf.get(operationId);
        const access = ACCESS[operationId];
        const isServed = access?.participants === "any" || (access?.participants ?? []).includes(role);
        if (bound === "none" || !isServed) continue;
        const answered = await call(operation, party);
        const { status, body } = answered;
        const note = (what: string) => (wrong[`${operationId} ${role}`] = `${what}: ${status} ${JSON.stringify(body).slice(0, 200)}`);
        const secrets = told(answered, operationId);
        if (secrets.length > 0) note(`tells ${secrets.join(", ")}`);
        if (status >= 500) note("fails");
        const isOpened = bound === "milestones" && relation === "granted";
        if (isOpened && status !== 200) note("is closed");
        if (!isOpened && bound !== "listed" && bound !== "facts" && status !== 403 && status !== 404) note("is open");
        if (bound === "listed" && status !== 200) note("is closed");
        const named = JSON.stringify(body).includes(therapy.journeyId);
        if (bound === "listed" && named !== (relation === "granted" && operationId === "listJourneys")) note(named ? "lists the journey" : "does not list it");
      }
    expect(wrong).toEqual({});
  });

  it("read of their own what their duty sees: the same questions are answered on the journey's own organisations", { timeout: 60_000 }, async () => {
    const wrong: Record<string, string> = {};
    for (const [role, party] of Object.entries(therapy.parties) as [Role, Party][])
      for (const operation of operations.filter(({ method, operationId }) => method === "GET" && ["journey", "label", "milestones"].includes(boundOf.get(operationId) ?? ""))) {
        const { operationId } = operation;
        const access = ACCESS[operationId];
        const isServed = access?.participants === "any" || (access?.participants ?? []).includes(role);
        // The laboratory owns a leg's logger, and no more: it is on the journey, and not under its identity.
        const { status, body } = await call(operation, party);
        const isAnswered = [200, 409].includes(status) || ["unknown-leg", "no-certificate", "not-granted", "no-control-recipe"].some((code) => JSON.stringify(body).includes(`:${code}"`));
        if (isServed !== isAnswered) wrong[`${operationId} ${role}`] = `${status} ${JSON.stringify(body).slice(0, 200)}`;
      }
    expect(wrong).toEqual({});
  });
});
