import { GRANTING_ROLES } from "../../model/privacy/access.ts";
import { rolesThatSee } from "../../model/privacy/views.ts";
import type { JourneyPart } from "../../model/privacy/views.ts";
import type { Role } from "../../model/custody/index.ts";
import type { Caller } from "./caller.ts";

/** Who may call an operation. What is not granted is denied; finer rules (whose journey, which gate) come after. */
export interface Access {
  open?: true;
  operator?: true;
  participants?: "any" | readonly Role[];
  /**
   * Whether each answer is written to the trail of accesses before it is sent: by the router, or by the operation itself,
   * which has more to say of it. An operation that shows nothing of a therapy has neither.
   */
  audited?: "by-router" | "by-itself";
}

const open: Access = { open: true };
const operatorOnly: Access = { operator: true };
const everyone: Access = { operator: true, participants: "any" };
/** Those in whose view a part of a journey is. */
const whoSees = (part: JourneyPart): Access => ({ operator: true, participants: rolesThatSee(part) });

/** What shows something of a therapy or a patient. */
const audited = (access: Access): Access => ({ ...access, audited: "by-router" });
const auditsItself = (access: Access): Access => ({ ...access, audited: "by-itself" });

/** Those who handle patient material. */
const handlers: readonly Role[] = ["treatment-centre", "apheresis-centre", "manufacturing-site", "logistics-provider"];

/** Those who judge a batch; recipes and records are the manufacturer's secrets to all others. */
const quality: readonly Role[] = ["qualified-person", "quality-assurance", "regulator", "auditor"];
/** Those who label containers, and so see the identity a label says: a courier does not. */
const labellers: readonly Role[] = ["treatment-centre", "apheresis-centre", "manufacturing-site"];
const labelReaders: readonly Role[] = [...labellers, "qualified-person", "quality-assurance"];
/** Those who name patients by identifiers of their own. */
const identityHolders: readonly Role[] = ["treatment-centre", "apheresis-centre", "manufacturing-site", "payer"];

/** Those who may ask for a pseudonym or an identity, each time by consent or duty; a courier never. */
const identityReaders: readonly Role[] = [...identityHolders, "qualified-person", "regulator", "auditor"];

/** Those who speak for patients. */
const hospitals: readonly Role[] = ["treatment-centre", "apheresis-centre"];

/** Those who read therapies in FHIR, identity and all: who treats, makes, certifies and audits. Others need none of it. */
const fhirReaders: readonly Role[] = ["treatment-centre", "apheresis-centre", "manufacturing-site", "qualified-person", "auditor"];

/** Those who speak for patients, and those who check them: consents, and who read what. */
const fhirOverseers: readonly Role[] = [...hospitals, "regulator", "auditor"];

/** Those who judge equipment: what a courier uses, others qualify. */
const equipmentReaders: readonly Role[] = [...handlers, "qualified-person", "quality-assurance", "regulator", "auditor"];
const qualifiers: Access = { operator: true, participants: ["quality-assurance", "qualified-person"] };

/**
 * The one table of who may do what. An operation without a row is not served: the router refuses to start.
 */
export const ACCESS: Readonly<Record<string, Access>> = {
  getHealth: open,
  getMetrics: open,
  getOpenApi: open,
  getDocs: open,
  getDocsAsset: open,
  optionsCapture: open,
  optionsEvents: open,

  createParticipant: operatorOnly,
  listParticipants: operatorOnly,
  createApiKey: operatorOnly,
  addPerson: operatorOnly,
  listPersons: operatorOnly,
  setSigningSecret: { participants: "any" },
  requireOwnKeys: { participants: "any" },
  prepareSignature: audited({ participants: rolesThatSee("custody") }),
  signIdentityCheck: { participants: "any" },
  listSignatures: audited(whoSees("gates")),
  captureSigned: { participants: [...handlers, "qualified-person"] },
  enrolDevice: operatorOnly,
  recordCalibration: operatorOnly,
  revokeDevice: operatorOnly,
  listDevices: operatorOnly,
  getBrokerToken: { operator: true, participants: handlers },
  eraseSubject: operatorOnly,
  rebuildReadModel: operatorOnly,
  getReadModelDigest: operatorOnly,
  registerFlow: operatorOnly,
  listFlows: everyone,
  getFlow: everyone,

  openJourney: { operator: true, participants: ["treatment-centre", "apheresis-centre", "manufacturing-site"] },
  listJourneys: audited(everyone),
  getJourney: audited(whoSees("custody")),
  getMilestones: audited(whoSees("milestones")),
  listJourneyEvents: audited(whoSees("custody")),
  listJourneyProofs: audited(whoSees("condition")),
  listJourneyExceptions: audited(whoSees("exceptions")),
  getGateChecks: audited(whoSees("gates")),
  listReleases: audited(whoSees("gates")),
  streamJourney: audited(whoSees("custody")),
  getDisclosure: audited(whoSees("custody")),
  discloseFields: audited(whoSees("custody")),
  exportJourney: audited(whoSees("custody")),
  registerEncryptionKey: { participants: "any" },
  grantAccess: { participants: GRANTING_ROLES },
  revokeAccess: { participants: GRANTING_ROLES },
  listGrants: audited(whoSees("custody")),
  getSealedEvents: audited({ participants: rolesThatSee("content") }),
  releaseGate: { participants: "any" },
  registerShipper: operatorOnly,
  qualifyShipper: qualifiers,
  listShippers: { operator: true, participants: equipmentReaders },
  getShipper: { operator: true, participants: equipmentReaders },
  registerLane: operatorOnly,
  qualifyLane: qualifiers,
  listLanes: { operator: true, participants: equipmentReaders },
  getLane: { operator: true, participants: equipmentReaders },
  assignShipper: { operator: true, participants: handlers },
  getLegShippers: audited(whoSees("condition")),
  listEquipmentAcceptances: audited(whoSees("condition")),
  acceptEquipment: { participants: ["qualified-person"] },
  getClocks: audited(whoSees("condition")),
  getMeanKineticTemperature: audited(whoSees("condition")),
  getDisposition: audited(whoSees("gates")),
  decideDisposition: { participants: ["qualified-person", "quality-assurance", "regulator"] },
  takeExceptionalReleaseStep: { participants: ["treatment-centre", "manufacturing-site", "qualified-person", "regulator"] },
  getRecall: audited(whoSees("exceptions")),
  acknowledgeRecall: { participants: rolesThatSee("exceptions") },
  listIntervalAcceptances: audited(whoSees("condition")),
  acceptInterval: { participants: ["qualified-person"] },
  advanceException: { participants: ["quality-assurance", "qualified-person"] },
  listExceptions: audited(whoSees("exceptions")),
  createWebhook: { participants: rolesThatSee("exceptions") },
  listWebhooks: { participants: rolesThatSee("exceptions") },
  rotateWebhookSecret: { participants: rolesThatSee("exceptions") },
  setWebhookActive: { participants: rolesThatSee("exceptions") },
  assignDevice: { operator: true, participants: handlers },
  recordScan: audited({ participants: handlers }),
  listIdentityChecks: audited(whoSees("gates")),

  issueCoiIdentifier: { participants: labellers },
  printLabel: { participants: labellers },
  voidLabel: { participants: labellers },
  reconcileLabels: { participants: labellers },
  listLabels: audited({ operator: true, participants: [...labelReaders, "auditor"] }),
  listLabelReconciliations: audited({ operator: true, participants: [...labelReaders, "regulator", "auditor"] }),
  getLabelSvg: audited({ participants: labelReaders }),
  getLabelPng: audited({ participants: labelReaders }),
  getLabelPdf: audited({ participants: labelReaders }),

  registerRecipe: { operator: true, participants: ["manufacturing-site"] },
  getRecipe: { operator: true, participants: ["manufacturing-site", ...quality] },
  bindRecipe: { participants: ["manufacturing-site"] },
  recordBatchEntries: { participants: ["manufacturing-site"] },
  getBatchRecord: audited({ operator: true, participants: ["manufacturing-site", ...quality] }),
  registerSpecification: { operator: true, participants: ["manufacturing-site", "quality-assurance"] },
  getSpecification: everyone,
  getBatchWorksheet: audited({ operator: true, participants: ["testing-laboratory"] }),
  recordBatchResults: { participants: ["testing-laboratory"] },
  listBatchResults: audited({ operator: true, participants: ["manufacturing-site", "testing-laboratory", ...quality] }),
  getCertificateOfAnalysis: audited({ operator: true, participants: ["treatment-centre", "manufacturing-site", "testing-laboratory", ...quality] }),
  getGenealogy: audited({ operator: true, participants: ["treatment-centre", "apheresis-centre", "manufacturing-site", ...quality] }),

  capture: { participants: [...handlers, "qualified-person"] },
  captureEvent: { participants: [...handlers, "qualified-person"] },
  listCaptureJobs: { participants: "any" },
  getCaptureJob: { participants: "any" },
  queryEvents: audited(whoSees("custody")),
  getEvent: audited(whoSees("custody")),

  registerPatientIdentifier: auditsItself({ participants: identityHolders }),
  translatePseudonym: auditsItself({ participants: identityReaders }),
  reidentifyPatient: auditsItself({ participants: identityReaders }),
  mergePatients: auditsItself({ participants: hospitals }),
  unmergePatients: auditsItself({ participants: hospitals }),
  receiveHl7Message: auditsItself({ participants: hospitals }),
  giveConsent: auditsItself({ participants: hospitals }),
  revokeConsent: auditsItself({ participants: hospitals }),
  listConsents: audited({ participants: "any" }),
  listPatientAudit: audited({ participants: "any" }),
  getFhirMetadata: open,
  getFhirJourneyEverything: auditsItself({ participants: fhirReaders }),
  readFhirBiologicallyDerivedProduct: auditsItself({ participants: fhirReaders }),
  searchFhirBiologicallyDerivedProduct: auditsItself({ participants: fhirReaders }),
  readFhirSpecimen: auditsItself({ participants: fhirReaders }),
  searchFhirSpecimen: auditsItself({ participants: fhirReaders }),
  readFhirServiceRequest: auditsItself({ participants: fhirReaders }),
  searchFhirServiceRequest: auditsItself({ participants: fhirReaders }),
  readFhirProcedure: auditsItself({ participants: fhirReaders }),
  searchFhirProcedure: auditsItself({ participants: fhirReaders }),
  readFhirObservation: auditsItself({ participants: fhirReaders }),
  searchFhirObservation: auditsItself({ participants: fhirReaders }),
  readFhirProvenance: auditsItself({ participants: fhirReaders }),
  searchFhirProvenance: auditsItself({ participants: fhirReaders }),
  readFhirConsent: auditsItself({ participants: fhirOverseers }),
  searchFhirConsent: auditsItself({ participants: fhirOverseers }),
  readFhirAuditEvent: auditsItself({ participants: fhirOverseers }),
  searchFhirAuditEvent: auditsItself({ participants: fhirOverseers }),

  listAccesses: audited({ participants: fhirOverseers }),
  verifyAccesses: { participants: ["auditor", "regulator"] },
  verifyPatientAudit: { participants: ["auditor", "regulator"] },
};

export function mayCall(access: Access, caller: Caller): boolean {
  if (access.open === true) return true;
  if (caller.kind === "operator") return access.operator === true;
  if (access.participants === "any") return true;
  return access.participants?.some((role) => caller.roles.includes(role)) ?? false;
}
