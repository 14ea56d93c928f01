import type { Role } from "../../model/custody/index.ts";
import type { Caller } from "./caller.ts";

/** Who may call an operation. What is not granted is denied; finer rules (whose journey, which gate) come after. */
export interface Access {
  open?: true;
  operator?: true;
  participants?: "any" | readonly Role[];
}

const open: Access = { open: true };
const operatorOnly: Access = { operator: true };
const everyone: Access = { operator: true, participants: "any" };

/** Those who handle patient material. */
const handlers: readonly Role[] = ["treatment-centre", "apheresis-centre", "manufacturing-site", "logistics-provider"];

/** Those who label containers, and so see the identity a label says: a courier does not. */
const labellers: readonly Role[] = ["treatment-centre", "apheresis-centre", "manufacturing-site"];
const labelReaders: readonly Role[] = [...labellers, "qualified-person", "quality-assurance"];

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
  enrolDevice: operatorOnly,
  recordCalibration: operatorOnly,
  revokeDevice: operatorOnly,
  listDevices: operatorOnly,
  getBrokerToken: { operator: true, participants: handlers },
  rebuildReadModel: operatorOnly,
  getReadModelDigest: operatorOnly,
  registerFlow: operatorOnly,
  listFlows: everyone,
  getFlow: everyone,

  openJourney: { operator: true, participants: ["treatment-centre", "apheresis-centre", "manufacturing-site"] },
  listJourneys: everyone,
  getJourney: everyone,
  listJourneyEvents: everyone,
  listJourneyProofs: everyone,
  listJourneyExceptions: everyone,
  getGateChecks: everyone,
  listReleases: everyone,
  streamJourney: everyone,
  getDisclosure: everyone,
  releaseGate: { participants: "any" },
  resolveException: { participants: ["qualified-person"] },
  registerShipper: operatorOnly,
  qualifyShipper: qualifiers,
  listShippers: { operator: true, participants: equipmentReaders },
  getShipper: { operator: true, participants: equipmentReaders },
  registerLane: operatorOnly,
  qualifyLane: qualifiers,
  listLanes: { operator: true, participants: equipmentReaders },
  getLane: { operator: true, participants: equipmentReaders },
  assignShipper: { operator: true, participants: handlers },
  getLegShippers: everyone,
  getClocks: everyone,
  getMeanKineticTemperature: everyone,
  assignDevice: { operator: true, participants: handlers },
  recordScan: { participants: handlers },
  listIdentityChecks: everyone,

  issueCoiIdentifier: { participants: labellers },
  printLabel: { participants: labellers },
  voidLabel: { participants: labellers },
  reconcileLabels: { participants: labellers },
  listLabels: { operator: true, participants: [...labelReaders, "regulator", "auditor"] },
  listLabelReconciliations: { operator: true, participants: [...labelReaders, "regulator", "auditor"] },
  getLabelSvg: { participants: labelReaders },
  getLabelPng: { participants: labelReaders },
  getLabelPdf: { participants: labelReaders },

  capture: { participants: [...handlers, "qualified-person"] },
  captureEvent: { participants: [...handlers, "qualified-person"] },
  listCaptureJobs: { participants: "any" },
  getCaptureJob: { participants: "any" },
  queryEvents: everyone,
  getEvent: everyone,
};

export function mayCall(access: Access, caller: Caller): boolean {
  if (access.open === true) return true;
  if (caller.kind === "operator") return access.operator === true;
  if (access.participants === "any") return true;
  return access.participants?.some((role) => caller.roles.includes(role)) ?? false;
}
