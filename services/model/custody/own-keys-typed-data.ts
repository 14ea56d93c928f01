import type { TypedDataField } from "ethers";

/** Signed by a participant that ends hosted signing for itself; checked by `ParticipantRegistry`. */
export const OWN_KEYS_TYPES: Record<string, TypedDataField[]> = {
  OwnKeysRequirement: [
    { name: "participantId", type: "bytes32" },
    { name: "signedAt", type: "uint40" },
  ],
};

/** Signed by an account of a participant's own that vouches for another; checked by `ParticipantRegistry`. */
export const ACCOUNT_ENDORSEMENT_TYPES: Record<string, TypedDataField[]> = {
  AccountEndorsement: [
    { name: "participantId", type: "bytes32" },
    { name: "account", type: "address" },
    { name: "signedAt", type: "uint40" },
  ],
};
