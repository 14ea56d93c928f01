import { z } from "zod";
import {
  DISPOSITION_DECISION_TYPES,
  EQUIPMENT_ACCEPTANCE_TYPES,
  EXCEPTIONAL_RELEASE_STEP_TYPES,
  INTERVAL_ACCEPTANCE_TYPES,
  RECALL_ACKNOWLEDGEMENT_TYPES,
} from "../model/custody/disposition-typed-data.ts";
import { DISPOSITION_DECISIONS, EXCEPTIONAL_RELEASE_STEPS } from "../model/custody/disposition.ts";
import { ThreadlineError } from "../model/errors.ts";
import type { LedgerContractName } from "./abi.ts";
import type { LedgerClient } from "./client.ts";
import type { HostedSigner } from "./hosted-keys.ts";
import type { LedgerCall } from "./operation-calls.ts";
import type { OperationOf } from "./operation.ts";
import { account, bytes32, seconds, signature } from "./payload-forms.ts";

const number = z.int().min(0).max(2 ** 32 - 1);

/** What the participant signed on their own machine; null: the node signs with the key it hosts for them. */
const own = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.object({ ...shape, signedAt: seconds, signature }).nullable();

/** Payloads of what those answerable for a batch decide. */
export const DISPOSITION_PAYLOADS = {
  "accept-interval": z.object({
    journeyId: bytes32,
    leg: z.int().min(0).max(254),
    from: seconds,
    to: seconds,
    exceptionNumber: number,
    participantId: bytes32,
    account,
    own: own({}),
  }),
  "accept-equipment": z.object({
    journeyId: bytes32,
    leg: z.int().min(0).max(254),
    assignments: z.int().min(0).max(254),
    exceptionNumber: number,
    participantId: bytes32,
    account,
    own: own({}),
  }),
  "decide-disposition": z.object({
    journeyId: bytes32,
    decision: z.enum(DISPOSITION_DECISIONS).exclude(["none"]),
    reasonHash: bytes32,
    participantId: bytes32,
    account,
    own: own({ number, head: bytes32 }),
  }),
  "take-exceptional-release-step": z.object({
    journeyId: bytes32,
    step: z.enum(EXCEPTIONAL_RELEASE_STEPS),
    reasonHash: bytes32,
    participantId: bytes32,
    account,
    own: own({ number }),
  }),
  "acknowledge-recall": z.object({
    journeyId: bytes32,
    recalls: number,
    participantId: bytes32,
    account,
    participantIndex: number,
    own: own({}),
  }),
};

export type DispositionOperation = OperationOf<keyof typeof DISPOSITION_PAYLOADS>;

interface Parts {
  ledger: LedgerClient;
  call(contract: LedgerContractName, method: string, values: readonly unknown[]): LedgerCall;
  /** Signs with a key this node hosts. */
  sign(
    contract: LedgerContractName,
    signer: HostedSigner,
    types: typeof DISPOSITION_DECISION_TYPES,
    value: Record<string, unknown>,
  ): Promise<string>;
}

/** Calls of the operations above: signed here with a hosted key, or relayed as they were signed. */
export function createDispositionCalls({ ledger, call, sign }: Parts): (operation: DispositionOperation) => Promise<LedgerCall> {
  async function present<Value>(contract: LedgerContractName, view: string, values: readonly unknown[]): Promise<Value> {
    const [answer] = (await ledger.read(contract, view, values)) as unknown as [Value];
    return answer;
  }

  async function signedWith(
    contract: LedgerContractName,
    signer: HostedSigner,
    types: typeof DISPOSITION_DECISION_TYPES,
    value: Record<string, unknown>,
    given: { signedAt: number; signature: string } | null,
  ): Promise<{ signedAt: number; signature: string }> {
    if (given !== null) return given;
    const signedAt = await ledger.blockTime();
    return { signedAt, signature: await sign(contract, signer, types, { ...value, signedAt }) };
  }

  async function decide({ payload }: OperationOf<"decide-disposition">): Promise<LedgerCall> {
    const { journeyId, reasonHash, own: given } = payload;
    const decision = DISPOSITION_DECISIONS.indexOf(payload.decision);
    const next = Number(await present<bigint>("dispositionRegister", "nextNumber", [journeyId]));
    const head = await present<string>("custodyLedger", "head", [journeyId]);
    if (given !== null) requireSeen(given.number, next);
    if (given !== null && payload.decision !== "on-hold") requireSeen(given.head, head);
    const value = { journeyId, number: next, decision, head: given?.head ?? head, reasonHash };
    const { signedAt, signature: text } = await signedWith("dispositionRegister", payload, DISPOSITION_DECISION_TYPES, value, given);
    return call("dispositionRegister", "decide", [journeyId, next, decision, value.head, reasonHash, signedAt, text]);
  }

  async function takeStep({ payload }: OperationOf<"take-exceptional-release-step">): Promise<LedgerCall> {
    const { journeyId, reasonHash: documentHash, own: given } = payload;
    const step = EXCEPTIONAL_RELEASE_STEPS.indexOf(payload.step);
    const next = Number(await present<bigint>("dispositionRegister", "nextNumber", [journeyId]));
    if (given !== null) requireSeen(given.number, next);
    const value = { journeyId, number: next, step, documentHash };
    const { signedAt, signature: text } = await signedWith("dispositionRegister", payload, EXCEPTIONAL_RELEASE_STEP_TYPES, value, given);
    return call("dispositionRegister", "takeStep", [journeyId, next, step, documentHash, signedAt, text]);
  }

  async function acknowledge({ payload }: OperationOf<"acknowledge-recall">): Promise<LedgerCall> {
    const { journeyId, recalls, own: given } = payload;
    const value = { journeyId, recalls };
    const { signedAt, signature: text } = await signedWith("dispositionRegister", payload, RECALL_ACKNOWLEDGEMENT_TYPES, value, given);
    return call("dispositionRegister", "acknowledgeRecall", [journeyId, recalls, signedAt, text]);
  }

  async function acceptInterval({ payload }: OperationOf<"accept-interval">): Promise<LedgerCall> {
    const { journeyId, leg, from, to, exceptionNumber, own: given } = payload;
    requireSeen(from, Number(await present<bigint>("conditionProofs", "coveredUntil", [journeyId, leg])));
    const value = { journeyId, leg, from, to, exceptionNumber };
    const { signedAt, signature: text } = await signedWith("conditionProofs", payload, INTERVAL_ACCEPTANCE_TYPES, value, given);
    return call("conditionProofs", "acceptInterval", [journeyId, leg, to, exceptionNumber, signedAt, text]);
  }

  async function acceptEquipment({ payload }: OperationOf<"accept-equipment">): Promise<LedgerCall> {
    const { journeyId, leg, assignments, exceptionNumber, own: given } = payload;
    const present = (await ledger.read("equipmentRegistry", "openFindings", [journeyId, leg])) as unknown as [boolean, boolean, bigint];
    requireSeen(assignments, Number(present[2]));
    const value = { journeyId, leg, assignments, exceptionNumber };
    const { signedAt, signature: text } = await signedWith("equipmentRegistry", payload, EQUIPMENT_ACCEPTANCE_TYPES, value, given);
    return call("equipmentRegistry", "acceptEquipment", [journeyId, leg, assignments, exceptionNumber, signedAt, text]);
  }

  return (operation) => {
    switch (operation.kind) {
      case "accept-equipment":
        return acceptEquipment(operation);
      case "accept-interval":
        return acceptInterval(operation);
      case "decide-disposition":
        return decide(operation);
      case "take-exceptional-release-step":
        return takeStep(operation);
      case "acknowledge-recall":
        return acknowledge(operation);
    }
  };
}

/** A signature over what is no longer so never becomes good: it is refused here, where a hosted key would sign anew. */
export function requireSeen(signed: number | string, present: number | string): void {
  if (signed === present) return;
  throw new ThreadlineError(
    "signature-stale",
    `the record has moved on since it was signed: signed for ${signed}, it stands at ${present}; read it again and sign anew`,
    { signed, present },
  );
}
