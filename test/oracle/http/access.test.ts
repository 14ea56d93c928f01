import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCESS, mayCall } from "../../../services/oracle/http/access.ts";
import { newApiKey } from "../../../services/oracle/http/api-keys.ts";
import { createOperationRouter } from "../../../services/oracle/http/router.ts";
import { ROLES } from "../../../services/model/custody/index.ts";
import type { Role } from "../../../services/model/custody/index.ts";
import { startOracle } from "../support.ts";
import type { Api, TestOracle } from "../support.ts";

/** Who is let in, written a second time by hand: o operator, and the roles by their place in ROLES in base 36; * is open to all. */
const EXPECTED: Record<string, string> = {
  getHealth: "*",
  getMetrics: "*",
  getOpenApi: "*",
  getDocs: "*",
  getDocsAsset: "*",
  optionsCapture: "*",
  optionsEvents: "*",
  createParticipant: "o",
  listParticipants: "o",
  createApiKey: "o",
  addPerson: "o",
  listPersons: "o",
  setSigningSecret: "0123456789a",
  requireOwnKeys: "0123456789a",
  prepareSignature: "0123456789",
  signIdentityCheck: "0123456789a",
  captureSigned: "01234",
  listSignatures: "o0123456789",
  enrolDevice: "o",
  recordCalibration: "o",
  revokeDevice: "o",
  listDevices: "o",
  registerFlow: "o",
  eraseSubject: "o",
  rebuildReadModel: "o",
  getReadModelDigest: "o",
  getBrokerToken: "o0123",
  listFlows: "o0123456789a",
  getFlow: "o0123456789a",
  openJourney: "o012",
  listJourneys: "o0123456789a",
  getJourney: "o0123456789",
  listJourneyEvents: "o0123456789",
  listJourneyProofs: "o0123456789",
  listJourneyExceptions: "o0123456789",
  getGateChecks: "o0123456789",
  listReleases: "o0123456789",
  streamJourney: "o0123456789",
  getDisclosure: "o0123456789",
  releaseGate: "0123456789a",
  getDisposition: "o0123456789",
  decideDisposition: "458",
  takeExceptionalReleaseStep: "0245",
  getRecall: "o0123456789",
  acknowledgeRecall: "0123456789",
  listIntervalAcceptances: "o0123456789",
  acceptInterval: "4",
  advanceException: "48",
  listExceptions: "o0123456789",
  createWebhook: "0123456789",
  listWebhooks: "0123456789",
  rotateWebhookSecret: "0123456789",
  setWebhookActive: "0123456789",
  discloseFields: "o0123456789",
  exportJourney: "o0123456789",
  registerEncryptionKey: "0123456789a",
  grantAccess: "01248",
  revokeAccess: "01248",
  listGrants: "o0123456789",
  getSealedEvents: "012468",
  assignDevice: "o0123",
  registerShipper: "o",
  qualifyShipper: "o48",
  listShippers: "o01234568",
  getShipper: "o01234568",
  registerLane: "o",
  qualifyLane: "o48",
  listLanes: "o01234568",
  getLane: "o01234568",
  assignShipper: "o0123",
  getLegShippers: "o0123456789",
  listEquipmentAcceptances: "o0123456789",
  acceptEquipment: "4",
  getClocks: "o0123456789",
  getMeanKineticTemperature: "o0123456789",
  recordScan: "0123",
  registerRecipe: "o2",
  getRecipe: "o24568",
  bindRecipe: "2",
  recordBatchEntries: "2",
  getBatchRecord: "o24568",
  getGenealogy: "o0124568",
  registerSpecification: "o28",
  getSpecification: "o0123456789a",
  getBatchWorksheet: "o9",
  recordBatchResults: "9",
  listBatchResults: "o245689",
  getCertificateOfAnalysis: "o0245689",
  listIdentityChecks: "o0123456789",
  issueCoiIdentifier: "012",
  printLabel: "012",
  voidLabel: "012",
  reconcileLabels: "012",
  listLabels: "o012468",
  listLabelReconciliations: "o0124568",
  getLabelSvg: "01248",
  getLabelPng: "01248",
  getLabelPdf: "01248",
  capture: "01234",
  captureEvent: "01234",
  listCaptureJobs: "0123456789a",
  getCaptureJob: "0123456789a",
  queryEvents: "o0123456789",
  getEvent: "o0123456789",
  registerPatientIdentifier: "012a",
  translatePseudonym: "012456a",
  reidentifyPatient: "012456a",
  mergePatients: "01",
  unmergePatients: "01",
  receiveHl7Message: "01",
  giveConsent: "01",
  revokeConsent: "01",
  listConsents: "0123456789a",
  listPatientAudit: "0123456789a",
  getMilestones: "o0123456789a",
  listAccesses: "0156",
  verifyAccesses: "56",
  verifyPatientAudit: "56",
  getFhirMetadata: "*",
  getFhirJourneyEverything: "01246",
  readFhirBiologicallyDerivedProduct: "01246",
  searchFhirBiologicallyDerivedProduct: "01246",
  readFhirSpecimen: "01246",
  searchFhirSpecimen: "01246",
  readFhirServiceRequest: "01246",
  searchFhirServiceRequest: "01246",
  readFhirProcedure: "01246",
  searchFhirProcedure: "01246",
  readFhirObservation: "01246",
  searchFhirObservation: "01246",
  readFhirProvenance: "01246",
  searchFhirProvenance: "01246",
  readFhirConsent: "0156",
  searchFhirConsent: "0156",
  readFhirAuditEvent: "0156",
  searchFhirAuditEvent: "0156",
};

interface Documented {
  operationId: string;
  method: string;
  path: string;
}

let oracle: TestOracle;
let operations: Documented[];
const byRole = new Map<Role, Api>();

beforeAll(async () => {
  oracle = await startOracle({ limits: { wrongKeys: 1_000_000 } });
  const { body } = await oracle.as(null)("GET", "/openapi.json");
  operations = Object.entries(body.paths as Record<string, Record<string, { operationId: string }>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => ({ operationId, method: method.toUpperCase(), path })),
  );
  for (const role of ROLES) byRole.set(role, (await oracle.participant(role)).api);
});
afterAll(() => oracle.close());

function call(api: Api, { method, path }: Documented) {
  const concrete = path
    .replace("{journeyId}", `0x${"0".repeat(64)}`)
    .replace("{gln}", "9506000134369")
    .replace("{giai}", "9506000134LOG9")
    .replace("{grantId}", `0x${"0".repeat(64)}`)
    .replace("{captureId}", "6f1f0a5e-3a3c-4c55-9d0b-2f3a6b7f1a10")
    .replace("{number}", "0")
    .replace("{version}", "1")
    .replace("{file}", "start.js")
    .replaceAll(/\{\w+\}/g, "some-name");
  return api(method, concrete, method === "POST" ? {} : undefined);
}

describe("authorisation", () => {
  it("has a row for every operation served, and no row for one that is not", () => {
    expect(operations.map((operation) => operation.operationId).sort()).toEqual(Object.keys(ACCESS).sort());
    expect(Object.keys(EXPECTED).sort()).toEqual(Object.keys(ACCESS).sort());
  });

  it("refuses to serve an operation without a row", () => {
    const unlisted = {
      operationId: "unlisted",
      method: "get" as const,
      path: "/x",
      tag: "x",
      summary: "x",
      epcis: false,
      responses: {},
      handle: () => Promise.resolve({ status: 200 }),
    };
    const parts = {
      apiKeys: { callerOf: () => Promise.resolve(undefined), isFamiliar: () => false, forget: () => undefined },
      limits: { bodyBytes: 1, captureEvents: 1 },
      observe: () => undefined,
    };
    expect(() => createOperationRouter([unlisted], parts)).toThrow(/no row for "unlisted"/);
  });

  it("denies when a row grants nothing", () => {
    expect(mayCall({}, { kind: "operator" })).toBe(false);
    expect(mayCall({}, { kind: "participant", participantId: "0x", gln: "", name: "", roles: [...ROLES], account: "0x", person: null, signsItself: { account: false, integration: false } })).toBe(false);
  });

  it("lets in exactly whom the table names", { timeout: 120_000 }, async () => {
    const wrong: Record<string, string | undefined> = {};
    const shortKey = oracle.operatorKey.slice(0, -1);
    for (const operation of operations) {
      const expected = EXPECTED[operation.operationId] ?? "";
      const open = expected === "*";
      for (const [who, api] of [
        ["nobody", oracle.as(null)],
        ["a wrong key", oracle.as(newApiKey())],
        ["a cut key", oracle.as(shortKey)],
      ] as const) {
        const { status, body, headers } = await call(api, operation);
        if (open ? status === 401 || status === 403 : status !== 401)
          wrong[`${operation.operationId} ${who}`] = String(status);
        const refused = body.resourceType === "OperationOutcome" ? body.issue[0].code === "login" : body.status === 401;
        if (!open && (!refused || !headers.get("www-authenticate")))
          wrong[`${operation.operationId} ${who} body`] = JSON.stringify(body);
      }
      const callers: [string, Api][] = [
        ["o", oracle.operator],
        ...[...byRole].map(([role, api]): [string, Api] => [ROLES.indexOf(role).toString(36), api]),
      ];
      for (const [who, api] of callers) {
        const { status } = await call(api, operation);
        const allowed = open || expected.includes(who);
        if (status === 401 || (status === 403) === allowed || status === 500)
          wrong[`${operation.operationId} ${who}`] = String(status);
      }
    }
    expect(wrong).toEqual({});
  });

  it("ends a key when others are revoked, and never shows a key or its hash again", async () => {
    const { gln, api, key } = await oracle.participant("auditor");
    expect((await api("GET", "/journeys")).status).toBe(200);
    const { status, body } = await oracle.operator("POST", `/participants/${gln}/api-keys`, { revokeOthers: true });
    expect([status, body.revoked]).toEqual([201, 1]);
    expect((await api("GET", "/journeys")).status).toBe(401);
    expect((await oracle.as(body.apiKey)("GET", "/journeys")).status).toBe(200);
    const listed = JSON.stringify((await oracle.operator("GET", "/participants")).body);
    expect(listed).not.toContain(key);
    expect(listed).not.toContain("key");
    const rows = await oracle.database.selectFrom("api_keys").selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(body.apiKey);
  });

  it("takes no key from anywhere but the Authorization header", async () => {
    const anonymous = oracle.as(null);
    expect((await anonymous("GET", `/journeys?api_key=${oracle.operatorKey}`)).status).toBe(401);
    expect((await anonymous("GET", "/journeys", undefined, { "x-api-key": oracle.operatorKey })).status).toBe(401);
    expect(
      (await anonymous("GET", "/journeys", undefined, { authorization: `Basic ${oracle.operatorKey}` })).status,
    ).toBe(401);
  });
});
