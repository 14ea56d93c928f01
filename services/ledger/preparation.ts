import { ZodError } from "zod";
import { ThreadlineError } from "../model/errors.ts";
import type { LedgerClient } from "./client.ts";
import { RpcError, RpcTransportError } from "./json-rpc.ts";
import type { OperationCalls } from "./operation-calls.ts";
import type { Operation } from "./operation.ts";
import { revertReason } from "./revert-reason.ts";
import { isRevert } from "./rpc-dialects.ts";
import { simulate } from "./simulation.ts";

interface Attempt {
  count: number;
  to: string;
  data: string;
  gasLimit: bigint;
}

/** Either the first `count` operations go in one transaction, or the first one is refused and why. */
export type Prepared = (Attempt & { refusal: null }) | { refusal: string };

interface Parts {
  ledger: LedgerClient;
  account: string;
  calls: OperationCalls;
  /** Forgets what was remembered of the chain, before anything is refused because of it. */
  forget: () => void;
}

/** Refusals that say "you looked too early", not "never": the same operation is built anew. */
const MOVED_ON = new Set(["CustodyLedgerSequenceMismatch", "ReleaseRegisterStaleHead", "DispositionRegisterStaleNumber", "DispositionRegisterStaleHead"]);

/**
 * Finds the longest beginning of a group that the ledger accepts, by simulating. One bad operation in a batch of a
 * hundred costs seven more simulations and holds up none of the others.
 */
export function createPreparation({ ledger, account, calls, forget }: Parts) {
  /** The refusal when this beginning does not go through. Throws when the node is in trouble. */
  async function attempt(group: readonly Operation[]): Promise<Attempt | { refusal: string }> {
    try {
      const call = await calls.build(group);
      return { count: group.length, to: call.to, data: call.data, gasLimit: await simulate(ledger, account, call) };
    } catch (error) {
      return { refusal: refusalOf(error) };
    }
  }

  function refusalOf(error: unknown): string {
    if (isRevert(error)) {
      const reason = revertReason(ledger.errors, error.data, error.message);
      if (MOVED_ON.has(reason.name)) throw error;
      return reason.text;
    }
    if (error instanceof RpcError || error instanceof RpcTransportError) throw error;
    if (error instanceof ThreadlineError) return `${error.code}: ${error.message}`;
    if (error instanceof ZodError) return `operation-invalid: ${error.message}`;
    if (isEncodingError(error)) return `operation-invalid: ${error.shortMessage}`;
    throw error;
  }

  return async function prepare(group: readonly Operation[]): Promise<Prepared> {
    const whole = await attempt(group);
    if (!("refusal" in whole)) return { ...whole, refusal: null };
    forget();
    let { refusal } = whole;
    let best: Attempt | null = null;
    let refused = group.length;
    while (refused - (best?.count ?? 0) > 1) {
      const count = Math.floor((refused + (best?.count ?? 0)) / 2);
      const result = await attempt(group.slice(0, count));
      if ("refusal" in result) {
        refusal = result.refusal;
        refused = count;
      } else best = result;
    }
    return best === null ? { refusal } : { ...best, refusal: null };
  };
}

/** ethers' word for values that do not fit the ABI. */
function isEncodingError(error: unknown): error is Error & { shortMessage: string } {
  const code = (error as { code?: unknown }).code;
  return error instanceof Error && (code === "INVALID_ARGUMENT" || code === "NUMERIC_FAULT") && "shortMessage" in error;
}
