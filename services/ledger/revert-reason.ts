import type { Interface } from "ethers";

export interface RevertReason {
  name: string;
  /** `Name(argument=value, …)`, for people. */
  text: string;
}

/** Names a contract's refusal from its revert data; the node's own words when the data says nothing we know. */
export function revertReason(errors: Interface, data: string | null, message: string): RevertReason {
  const decoded = data === null || data.length < 10 ? null : errors.parseError(data);
  if (decoded === null) return { name: "Reverted", text: data === null || data === "0x" ? message : `${message} (${data})` };
  const values = decoded.fragment.inputs.map((input, index) => `${input.name}=${String(decoded.args[index])}`);
  return { name: decoded.name, text: `${decoded.name}(${values.join(", ")})` };
}
