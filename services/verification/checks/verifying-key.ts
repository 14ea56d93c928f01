import { pushedConstants } from "../bytecode.ts";
import type { ContractName } from "../addresses.ts";
import type { CircuitName } from "../../model/circuit-inputs.ts";
import { keyConstants } from "../verification-key.ts";
import type { Check } from "./check.ts";

/** The contract that verifies the proofs of each circuit that the ledger has a verifier of. */
export const VERIFIERS = {
  "condition-segment": "conditionSegmentVerifier",
  "identity-link": "identityLinkVerifier",
  "batch-release": "batchReleaseVerifier",
} as const satisfies Partial<Record<CircuitName, ContractName>>;

export const VERIFIED_CIRCUITS = Object.keys(VERIFIERS) as (keyof typeof VERIFIERS)[];

/** Each verifier on chain holds the constants of the local verification key of its circuit. */
export const verifyingKeyCheck: Check = {
  name: "verifying-key",
  async run({ rpc, addresses, verificationKeys }) {
    const problems: string[] = [];
    let found = 0;
    for (const circuit of VERIFIED_CIRCUITS) {
      const verifier = addresses[VERIFIERS[circuit]];
      const onChain = pushedConstants(await rpc.call<string>("eth_getCode", [verifier, "latest"]));
      const constants = keyConstants(verificationKeys[circuit]);
      const missing = constants.filter((constant) => !onChain.has(constant));
      found += constants.length - missing.length;
      if (missing.length > 0)
        problems.push(
          `the verifier ${verifier} of ${circuit} was made from another key: ` +
            `${missing.length} of ${constants.length} constants are not in its code; use the verification key of its ceremony`,
        );
    }
    return { problems, detail: `${found} constants of the local keys stand in the code of the verifiers` };
  },
};
