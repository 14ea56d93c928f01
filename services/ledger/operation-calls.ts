import { Wallet, hexlify } from "ethers";
import { ThreadlineError } from "../model/errors.ts";
import { EXCEPTION_STAGES } from "../model/custody/exception-lifecycle.ts";
import { flowSchema } from "../model/custody/flow.ts";
import { flowToLedger } from "../model/custody/flow-to-ledger.ts";
import { codeToBytes32 } from "../model/custody/identifiers.ts";
import { EXCEPTION_TRANSITION_TYPES, IDENTITY_CHECK_TYPES, RELEASE_DECISION_TYPES, threadlineDomain } from "../model/custody/typed-data.ts";
import { RELEASE_STAGES, specificationCommitment, specificationSchema } from "../model/quality/specification.ts";
import { ACCESS_GRANT_TYPES, ACCESS_REVOCATION_TYPES } from "../model/privacy/access.ts";
import type { LedgerContractName } from "./abi.ts";
import type { LedgerClient } from "./client.ts";
import type { CustodyCalls } from "./custody-calls.ts";
import { createDispositionCalls, requireSeen } from "./disposition-operations.ts";
import type { HostedKeys, HostedSigner } from "./hosted-keys.ts";
import type { Operation, OperationOf } from "./operation.ts";

/** One call into the ledger; `gasGuess` when it can be told without asking the node. */
export interface LedgerCall {
  to: string;
  data: string;
  gasGuess: bigint | null;
}

export interface OperationCalls {
  /** Call for a group as `firstGroup` makes them. Throws ThreadlineError for what can never be sent as it is. */
  build(group: readonly Operation[]): Promise<LedgerCall>;
}

/** Turns operations into calls: signs with hosted keys, looks up on the ledger what a call needs to name. */
export function createOperationCalls(ledger: LedgerClient, keys: HostedKeys, custody: CustodyCalls): OperationCalls {
  const { addresses, interfaces } = ledger;

  function call(contract: LedgerContractName, method: string, values: readonly unknown[]): LedgerCall {
    return { to: addresses[contract], data: interfaces[contract].encodeFunctionData(method, values), gasGuess: null };
  }

  async function openJourney({ payload }: OperationOf<"open-journey">): Promise<LedgerCall> {
    const [flow] = (await ledger.read("flowRegistry", "flowByDocument", [payload.flowDocumentHash])) as unknown as [bigint];
    if (flow === 0n)
      throw new ThreadlineError(
        "flow-not-registered",
        `no flow with document hash ${payload.flowDocumentHash} is registered on the ledger; register the flow first`,
      );
    return call("custodyLedger", "openJourney", [payload.journeyId, flow, payload.identityCommitment]);
  }

  async function signed(
    contract: LedgerContractName,
    { participantId, account }: HostedSigner,
    types: typeof RELEASE_DECISION_TYPES,
    value: Record<string, unknown>,
  ): Promise<string> {
    const key = account === null ? (await keys.privateKeys([participantId])).get(participantId.toLowerCase()) : await keys.privateKeyOf(account);
    const wallet = new Wallet(hexlify(key ?? new Uint8Array()));
    return wallet.signTypedData(threadlineDomain(ledger.chainId, addresses[contract]), types, value);
  }

  async function releaseGate({ payload }: OperationOf<"release-gate">): Promise<LedgerCall> {
    const { journeyId, gate, own } = payload;
    const [head] = (await ledger.read("custodyLedger", "head", [journeyId])) as unknown as [string];
    if (own !== null) requireSeen(own.head, head);
    const signedAt = own?.signedAt ?? (await ledger.blockTime());
    const value = { journeyId, gate, head, signedAt };
    const signature = own?.signature ?? (await signed("releaseRegister", payload, RELEASE_DECISION_TYPES, value));
    return call("releaseRegister", "release", [journeyId, gate, head, signedAt, signature]);
  }

  async function recordIdentityCheck({ payload }: OperationOf<"record-identity-check">): Promise<LedgerCall> {
    const { journeyId, step, linkedCommitment, account, own, proofA, proofB, proofC } = payload;
    const signedAt = own?.signedAt ?? (await ledger.blockTime());
    const value = { journeyId, step, linkedCommitment, signedAt };
    const sign = () => signed("identityChecks", { participantId: "", account }, IDENTITY_CHECK_TYPES, value);
    const signature = own?.signature ?? (await sign());
    return call("identityChecks", "record", [journeyId, step, linkedCommitment, signedAt, signature, proofA, proofB, proofC]);
  }

  async function advanceException({ payload }: OperationOf<"advance-exception">): Promise<LedgerCall> {
    const { journeyId, number, reasonHash, account } = payload;
    const [from, to] = [EXCEPTION_STAGES.indexOf(payload.from), EXCEPTION_STAGES.indexOf(payload.to)];
    const signedAt = payload.signed?.signedAt ?? (await ledger.blockTime());
    const value = { journeyId, number, from, to, reasonHash, signedAt };
    const domain = threadlineDomain(ledger.chainId, addresses.exceptionRegister);
    const sign = async () => new Wallet(hexlify(await keys.privateKeyOf(account))).signTypedData(domain, EXCEPTION_TRANSITION_TYPES, value);
    return call("exceptionRegister", "advance", [journeyId, number, to, reasonHash, signedAt, payload.signed?.signature ?? (await sign())]);
  }

  async function grantAccess({ payload }: OperationOf<"grant-access">): Promise<LedgerCall> {
    const { grantId, journeyId, recipientId, scope, keyThumbprint, own } = payload;
    const signedAt = own?.signedAt ?? (await ledger.blockTime());
    const value = { grantId, journeyId, participantId: recipientId, scope, keyThumbprint, signedAt };
    const signature = own?.signature ?? (await signed("accessGrants", payload, ACCESS_GRANT_TYPES, value));
    return call("accessGrants", "grant", [...Object.values(value), signature]);
  }

  async function revokeAccess({ payload }: OperationOf<"revoke-access">): Promise<LedgerCall> {
    const value = { grantId: payload.grantId, signedAt: payload.own?.signedAt ?? (await ledger.blockTime()) };
    const signature = payload.own?.signature ?? (await signed("accessGrants", payload, ACCESS_REVOCATION_TYPES, value));
    return call("accessGrants", "revoke", [...Object.values(value), signature]);
  }

  function raiseException({ payload }: OperationOf<"raise-exception">): LedgerCall {
    return call("exceptionRegister", "raise", [
      payload.exceptionKey,
      payload.journeyId,
      codeToBytes32(payload.code),
      payload.leg === null ? 0 : payload.leg + 1,
      payload.occurredAt,
      payload.detailCommitment,
    ]);
  }

  function submitSegments(group: readonly OperationOf<"submit-segment">[], first: OperationOf<"submit-segment">): LedgerCall {
    const { journeyId, leg } = first.payload;
    return call("conditionProofs", "submitSegments", [journeyId, leg, group.map((operation) => operation.payload)]);
  }

  function registerFlow({ payload }: OperationOf<"register-flow">): LedgerCall {
    const flow = flowSchema.parse(JSON.parse(payload.document));
    return call("flowRegistry", "register", [payload.document, flowToLedger(flow)]);
  }

  const dispositionCall = createDispositionCalls({ ledger, call, sign: signed });
  function registerSpecification({ payload }: OperationOf<"register-specification">): LedgerCall {
    const specification = specificationSchema.parse(JSON.parse(payload.document));
    const [firstStage, finalStage] = RELEASE_STAGES.map((stage) => specificationCommitment(specification, stage));
    return call("specificationRegistry", "register", [payload.document, { firstStage, finalStage }]);
  }

  function submitBatchProof({ payload }: OperationOf<"submit-batch-proof">): LedgerCall {
    const stage = 1 + RELEASE_STAGES.indexOf(payload.stage);
    return call("batchProofs", "submit", [payload.journeyId, payload.specification, { ...payload, stage }]);
  }

  async function build(group: readonly Operation[]): Promise<LedgerCall> {
    const [first] = group;
    if (first === undefined) throw new RangeError("a call needs at least one operation");
    switch (first.kind) {
      case "custody-event":
        return custody.build(group as readonly OperationOf<"custody-event">[]);
      case "submit-segment":
        return submitSegments(group as readonly OperationOf<"submit-segment">[], first);
      case "open-journey":
        return openJourney(first);
      case "release-gate":
        return releaseGate(first);
      case "advance-exception":
        return advanceException(first);
      case "record-identity-check":
        return recordIdentityCheck(first);
      case "add-account": {
        const { participantId, account, hosted, endorsement } = first.payload;
        if (endorsement === null) return call("participantRegistry", "addAccount", [participantId, account, hosted]);
        const { signedAt, signature } = endorsement;
        return call("participantRegistry", "addEndorsedAccount", [participantId, account, signedAt, signature]);
      }
      case "require-own-keys": {
        const { participantId, signedAt, signature } = first.payload;
        return call("participantRegistry", "requireOwnKeys", [participantId, signedAt, signature]);
      }
      case "raise-exception":
        return raiseException(first);
      case "grant-access":
        return grantAccess(first);
      case "revoke-access":
        return revokeAccess(first);
      case "anchor-audit": {
        const { trail, count, head } = first.payload;
        return call("auditAnchors", "anchor", [trail, count, head]);
      }
      case "register-flow":
        return registerFlow(first);
      case "register-shipper": {
        const { equipmentId, owner, documentHash } = first.payload;
        return call("equipmentRegistry", "registerShipper", [equipmentId, owner, documentHash]);
      }
      case "qualify-shipper": {
        const { equipmentId, qualifiedFrom, qualifiedUntil, certificateHash } = first.payload;
        return call("equipmentRegistry", "qualifyShipper", [equipmentId, qualifiedFrom, qualifiedUntil, certificateHash]);
      }
      case "register-lane":
        return call("equipmentRegistry", "registerLane", [first.payload.laneId, first.payload.documentHash]);
      case "qualify-lane": {
        const { laneId, qualifiedFrom, qualifiedUntil, certificateHash } = first.payload;
        return call("equipmentRegistry", "qualifyLane", [laneId, qualifiedFrom, qualifiedUntil, certificateHash]);
      }
      case "assign-shipper": {
        const { journeyId, leg, equipmentId, laneId, assignedAt } = first.payload;
        return call("equipmentRegistry", "assignShipper", [journeyId, leg, equipmentId, laneId, assignedAt]);
      }
      case "accept-equipment":
      case "accept-interval":
      case "decide-disposition":
      case "take-exceptional-release-step":
      case "acknowledge-recall":
        return dispositionCall(first);
      case "register-specification":
        return registerSpecification(first);
      case "submit-batch-proof":
        return submitBatchProof(first);
      case "assign-device": {
        const { journeyId, leg, deviceId, assignedFrom } = first.payload;
        return call("conditionProofs", "assignDevice", [journeyId, leg, deviceId, assignedFrom]);
      }
      case "register-participant": {
        const { participantId, roles, account, hosted } = first.payload;
        return call("participantRegistry", "register", [participantId, roles, account, hosted]);
      }
      case "enrol-device": {
        const { deviceId, owner, publicKeyX, publicKeyY, messageKeyHash, attestation } = first.payload;
        return call("deviceRegistry", "enrol", [deviceId, owner, publicKeyX, publicKeyY, messageKeyHash, attestation]);
      }
      case "calibrate-device": {
        const { deviceId, calibratedFrom, calibratedUntil } = first.payload;
        return call("deviceRegistry", "recordCalibration", [deviceId, calibratedFrom, calibratedUntil]);
      }
      case "revoke-device":
        return call("deviceRegistry", "revoke", [first.payload.deviceId, first.payload.revokedFrom]);
    }
  }

  return { build };
}
