import type { TypedDataDomain, TypedDataField } from "ethers";

/** EIP-712 domain shared by every contract that checks a participant's signature. */
export function threadlineDomain(chainId: bigint, verifyingContract: string): TypedDataDomain {
  return { name: "Threadline", version: "1", chainId, verifyingContract };
}

/** Signed by the acting participant; checked by `CustodyLedger`. */
export const CUSTODY_EVENT_TYPES: Record<string, TypedDataField[]> = {
  CustodyEvent: [
    { name: "journeyId", type: "bytes32" },
    { name: "commitment", type: "bytes32" },
    { name: "sequence", type: "uint32" },
    { name: "step", type: "uint8" },
    { name: "occurredAt", type: "uint40" },
  ],
};

/** Signed by a person with the gate's duty, at `signedAt` (Unix seconds); checked by `ReleaseRegister`. */
export const RELEASE_DECISION_TYPES: Record<string, TypedDataField[]> = {
  ReleaseDecision: [
    { name: "journeyId", type: "bytes32" },
    { name: "gate", type: "uint8" },
    { name: "head", type: "bytes32" },
    { name: "signedAt", type: "uint40" },
  ],
};

/** Signed by the person who scanned bag and wristband; checked by `IdentityChecks`. */
export const IDENTITY_CHECK_TYPES: Record<string, TypedDataField[]> = {
  IdentityCheck: [
    { name: "journeyId", type: "bytes32" },
    { name: "step", type: "uint8" },
    { name: "linkedCommitment", type: "uint256" },
    { name: "signedAt", type: "uint40" },
  ],
};

/**
 * Signed by whoever moves an exception from one stage to the next, at `signedAt` (Unix seconds); stages are places in
 * `EXCEPTION_STAGES`. Checked by `ExceptionRegister`.
 */
export const EXCEPTION_TRANSITION_TYPES: Record<string, TypedDataField[]> = {
  ExceptionTransition: [
    { name: "journeyId", type: "bytes32" },
    { name: "number", type: "uint32" },
    { name: "from", type: "uint8" },
    { name: "to", type: "uint8" },
    { name: "reasonHash", type: "bytes32" },
    { name: "signedAt", type: "uint40" },
  ],
};
