import { pushedConstants } from "../bytecode.ts";
import { keyConstants } from "../verification-key.ts";
import type { Check } from "./check.ts";

/** The verifier on chain holds the constants of the local verification key. */
export const verifyingKeyCheck: Check = {
  name: "verifying-key",
  async run({ rpc, addresses, verificationKey }) {
    const code = await rpc.call<string>("eth_getCode", [addresses.conditionSegmentVerifier, "latest"]);
    const onChain = pushedConstants(code);
    const constants = keyConstants(verificationKey);
    const missing = constants.filter((constant) => !onChain.has(constant));
    const problems: string[] = [];
    if (missing.length > 0)
      problems.push(
        `the verifier ${addresses.conditionSegmentVerifier} was made from another key: ` +
          `${missing.length} of ${constants.length} constants are not in its code; use the verification key of its ceremony`,
      );
    return { problems, detail: `${constants.length} constants of the local key stand in the verifier's code` };
  },
};
