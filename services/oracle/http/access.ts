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
  getDisposition: everyone,
  decideDisposition: { participants: ["qualified-person", "quality-assurance", "regulator"] },
  takeExceptionalReleaseStep: { participants: ["treatment-centre", "manufacturing-site", "qualified-person", "regulator"] },
  getRecall: everyone,
  acknowledgeRecall: { participants: "any" },
  listIntervalAcceptances: everyone,
  acceptInterval: { participants: ["qualified-person"] },
  advanceException: { participants: ["quality-assurance", "qualified-person"] },
  listExceptions: everyone,
  createWebhook: { participants: "any" },
  listWebhooks: { participants: "any" },
  rotateWebhookSecret: { participants: "any" },
  setWebhookActive: { participants: "any" },
  assignDevice: { operator: true, participants: handlers },
  recordScan: { participants: handlers },

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
