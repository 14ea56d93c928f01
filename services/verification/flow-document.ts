import { keccak256, toUtf8Bytes } from "ethers";
import { ThreadlineError } from "../model/errors.ts";
import { flowSchema } from "../model/custody/flow.ts";
import type { FlowDefinition } from "../model/custody/flow.ts";
import type { ChainLog } from "./chain-log.ts";

export interface RegisteredFlow {
  flow: FlowDefinition;
  document: string;
  /** Hash as the log has it. */
  documentHash: string;
}

/** Reads a flow from the log of its registration. Throws ThreadlineError `flow-unknown` or `flow-invalid`. */
export function readFlow(chainLog: ChainLog, flowNumber: number): RegisteredFlow {
  const registered = chainLog.registry.find(
    (event) => event.name === "FlowRegistered" && event.flow === flowNumber,
  );
  if (registered?.name !== "FlowRegistered")
    throw new ThreadlineError("flow-unknown", `the flow registry has no log of flow ${flowNumber}: check its address`, {
      flowNumber,
    });
  return { flow: parseFlow(registered.document, flowNumber), document: registered.document, documentHash: registered.documentHash };
}

export function documentHashOf(document: string): string {
  return keccak256(toUtf8Bytes(document));
}

function parseFlow(document: string, flowNumber: number): FlowDefinition {
  try {
    return flowSchema.parse(JSON.parse(document));
  } catch (cause) {
    throw new ThreadlineError("flow-invalid", `the document of flow ${flowNumber} is no flow definition`, { flowNumber }, { cause });
  }
}
