import type { TypedDataField } from "ethers";

/** Signed by whoever decides; checked by `DispositionRegister`. `number`: decisions, steps and recalls the signer saw. */
export const DISPOSITION_DECISION_TYPES: Record<string, TypedDataField[]> = {
  DispositionDecision: [
    { name: "journeyId", type: "bytes32" },
    { name: "number", type: "uint32" },
    { name: "decision", type: "uint8" },
    { name: "head", type: "bytes32" },
    { name: "reasonHash", type: "bytes32" },
    { name: "signedAt", type: "uint40" },
  ],
};

/** Signed by whoever takes a step of the out-of-specification way; checked by `DispositionRegister`. */
export const EXCEPTIONAL_RELEASE_STEP_TYPES: Record<string, TypedDataField[]> = {
  ExceptionalReleaseStep: [
    { name: "journeyId", type: "bytes32" },
    { name: "number", type: "uint32" },
    { name: "step", type: "uint8" },
    { name: "documentHash", type: "bytes32" },
    { name: "signedAt", type: "uint40" },
  ],
};

/** Signed by a holder whom recalls have reached; checked by `DispositionRegister`. */
export const RECALL_ACKNOWLEDGEMENT_TYPES: Record<string, TypedDataField[]> = {
  RecallAcknowledgement: [
    { name: "journeyId", type: "bytes32" },
    { name: "recalls", type: "uint32" },
    { name: "signedAt", type: "uint40" },
  ],
};

/** Signed by a qualified person who accepts what carried a leg; checked by `EquipmentRegistry`. `assignments`: those seen. */
export const EQUIPMENT_ACCEPTANCE_TYPES: Record<string, TypedDataField[]> = {
  EquipmentAcceptance: [
    { name: "journeyId", type: "bytes32" },
    { name: "leg", type: "uint8" },
    { name: "assignments", type: "uint8" },
    { name: "exceptionNumber", type: "uint32" },
    { name: "signedAt", type: "uint40" },
  ],
};

/** Signed by a qualified person who accepts an interval of a leg without proof; checked by `ConditionProofs`. */
export const INTERVAL_ACCEPTANCE_TYPES: Record<string, TypedDataField[]> = {
  IntervalAcceptance: [
    { name: "journeyId", type: "bytes32" },
    { name: "leg", type: "uint8" },
    { name: "from", type: "uint40" },
    { name: "to", type: "uint40" },
    { name: "exceptionNumber", type: "uint32" },
    { name: "signedAt", type: "uint40" },
  ],
};
