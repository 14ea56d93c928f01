import { keccak256, toUtf8Bytes } from "ethers";
import { ThreadlineError } from "../model/errors.ts";
import type { LedgerOperationKind } from "./schema.ts";

/** What each kind of operation leaves on the ledger, by the members of its payload. Twin of the view `chain_keys`. */
const KEYS: Record<LedgerOperationKind, { prefix: string; members: readonly string[] }> = {
  "open-journey": { prefix: "journey", members: ["journeyId"] },
  "custody-event": { prefix: "custody-event", members: ["commitment"] },
  "raise-exception": { prefix: "exception", members: ["exceptionKey"] },
  "advance-exception": { prefix: "exception-transition", members: ["journeyId", "number", "reasonHash"] },
  "assign-device": { prefix: "assignment", members: ["journeyId", "leg"] },
  "submit-segment": { prefix: "segment", members: ["readingsCommitment"] },
  "release-gate": { prefix: "release", members: ["journeyId", "gate"] },
  "accept-interval": { prefix: "interval-acceptance", members: ["journeyId", "leg", "from", "to"] },
  "accept-equipment": { prefix: "equipment-acceptance", members: ["journeyId", "leg", "assignments", "exceptionNumber"] },
  "decide-disposition": { prefix: "disposition", members: ["journeyId", "reasonHash"] },
  "take-exceptional-release-step": { prefix: "disposition", members: ["journeyId", "reasonHash"] },
  "acknowledge-recall": { prefix: "recall-acknowledgement", members: ["journeyId", "participantIndex", "recalls"] },
  "record-identity-check": { prefix: "identity-check", members: ["linkedCommitment"] },
  "register-shipper": { prefix: "shipper", members: ["equipmentId"] },
  "qualify-shipper": { prefix: "shipper-qualification", members: ["equipmentId", "qualifiedFrom", "qualifiedUntil"] },
  "register-lane": { prefix: "lane", members: ["laneId"] },
  "qualify-lane": { prefix: "lane-qualification", members: ["laneId", "qualifiedFrom", "qualifiedUntil"] },
  "assign-shipper": { prefix: "shipper-assignment", members: ["journeyId", "leg", "equipmentId", "assignedAt"] },
  "add-account": { prefix: "account", members: ["account"] },
  "register-participant": { prefix: "participant", members: ["participantId"] },
  "enrol-device": { prefix: "device", members: ["deviceId"] },
  "calibrate-device": { prefix: "calibration", members: ["deviceId", "calibratedFrom", "calibratedUntil"] },
  "revoke-device": { prefix: "revocation", members: ["deviceId", "revokedFrom"] },
  "require-own-keys": { prefix: "own-keys", members: ["participantId", "signedAt"] },
  "grant-access": { prefix: "grant", members: ["grantId"] },
  "revoke-access": { prefix: "grant-revocation", members: ["grantId"] },
  "anchor-audit": { prefix: "audit-anchor", members: ["trail", "count"] },
  "register-flow": { prefix: "flow", members: ["document"] },
  "register-specification": { prefix: "specification", members: ["document"] },
  "submit-batch-proof": { prefix: "batch-proof", members: ["journeyId", "specification", "stage"] },
};

/**
 * The key by which an operation's effect is found on the ledger, whoever sent it and in whichever transaction.
 * Throws `operation-incomplete` when the payload lacks a member the key is made of.
 */
export function naturalKeyOf(kind: LedgerOperationKind, payload: Record<string, unknown>): string {
  const { prefix, members } = KEYS[kind];
  const values = members.map((member) => {
    const value = payload[member];
    if (typeof value !== "string" && typeof value !== "number")
      throw new ThreadlineError("operation-incomplete", `an operation ${kind} needs "${member}"`, { kind, member });
    if (member === "document") return keccak256(toUtf8Bytes(`${value}`));
    return `${value}`.startsWith("0x") ? `${value}`.toLowerCase() : `${value}`;
  });
  return [prefix, ...values].join(":");
}
