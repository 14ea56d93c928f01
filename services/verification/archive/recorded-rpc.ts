import { z } from "zod";
import { canonicalJson } from "../../model/canonical-json.ts";
import { ThreadlineError } from "../../model/errors.ts";
import type { Rpc } from "../rpc.ts";

/** One question to the chain with its answer, as JSON-RPC has them. */
export const recordedCallSchema = z.strictObject({ method: z.string(), parameters: z.array(z.unknown()), result: z.unknown() });

export type RecordedCall = z.output<typeof recordedCallSchema>;

const keyOf = (method: string, parameters: readonly unknown[]) => `${method} ${canonicalJson(parameters)}`;

/**
 * Asks the chain and keeps every answer. The same question is asked once: what the chain is at the first time it is
 * looked at (its newest block, say) it stays for all checks, so that they are about one state of it.
 */
export function createRecordingRpc(inner: Rpc): { rpc: Rpc; calls: () => RecordedCall[] } {
  const recorded = new Map<string, RecordedCall>();
  const callAll = async <T>(method: string, parameters: readonly (readonly unknown[])[]): Promise<T[]> => {
    const missing = [...new Map(parameters.map((each) => [keyOf(method, each), each])).entries()].filter(([key]) => !recorded.has(key));
    const answers = missing.length === 0 ? [] : await inner.callAll<unknown>(method, missing.map(([, each]) => each));
    missing.forEach(([key, each], index) => recorded.set(key, { method, parameters: [...each], result: answers[index] }));
    return parameters.map((each) => recorded.get(keyOf(method, each))?.result as T);
  };
  return { rpc: { callAll, call: async (method, parameters) => first(await callAll(method, [parameters])) }, calls: () => [...recorded.values()] };
}

/** Answers from what was recorded, and from nothing else; what was not asked then throws `not-in-archive`. */
export function createRecordedRpc(calls: readonly RecordedCall[]): Rpc {
  const recorded = new Map(calls.map((call) => [keyOf(call.method, call.parameters), call.result]));
  const callAll = <T>(method: string, parameters: readonly (readonly unknown[])[]): Promise<T[]> =>
    Promise.resolve(
      parameters.map((each) => {
        const key = keyOf(method, each);
        if (recorded.has(key)) return recorded.get(key) as T;
        throw new ThreadlineError("not-in-archive", `the archive has no answer of the chain to ${key.slice(0, 300)}`, { method });
      }),
    );
  return { callAll, call: async (method, parameters) => first(await callAll(method, [parameters])) };
}

function first<T>([answer]: readonly T[]): T {
  return answer as T;
}
