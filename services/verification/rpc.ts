import { ThreadlineError } from "../model/errors.ts";

/** A JSON-RPC endpoint of an EVM node: one call, or several in one request. */
export interface Rpc {
  /** Throws ThreadlineError `rpc-unreachable` when nothing answers, `rpc-refused` when the node answers with an error. */
  call<T>(method: string, parameters: readonly unknown[]): Promise<T>;
  callAll<T>(method: string, parameters: readonly (readonly unknown[])[]): Promise<T[]>;
}

interface RpcAnswer {
  id: number;
  result?: unknown;
  error?: { code: number; message: string };
}

const CALLS_PER_REQUEST = 50;

/** JSON-RPC over HTTP. `timeoutMilliseconds` bounds each request. */
export function createRpc(url: string, timeoutMilliseconds = 30_000): Rpc {
  const post = async (body: unknown): Promise<unknown> => {
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMilliseconds),
      });
      return JSON.parse(await response.text());
    } catch (cause) {
      throw new ThreadlineError(
        "rpc-unreachable",
        `no JSON-RPC answer from ${url}: check that the node runs and that the URL is right`,
        { url },
        { cause },
      );
    }
  };
  const resultOf = <T>(method: string, answer: RpcAnswer | undefined): T => {
    if (answer === undefined || typeof answer !== "object" || (answer.result === undefined && answer.error === undefined))
      throw new ThreadlineError("rpc-refused", `${url} does not answer ${method} as JSON-RPC 2.0`, { url, method });
    if (answer.error !== undefined)
      throw new ThreadlineError("rpc-refused", `${url} refused ${method}: ${answer.error.message}`, {
        url,
        method,
        code: answer.error.code,
      });
    return answer.result as T;
  };
  const callAll = async <T>(method: string, parameters: readonly (readonly unknown[])[]): Promise<T[]> => {
    const results: T[] = [];
    for (let start = 0; start < parameters.length; start += CALLS_PER_REQUEST) {
      const requests = parameters
        .slice(start, start + CALLS_PER_REQUEST)
        .map((params, id) => ({ jsonrpc: "2.0", id, method, params }));
      const answers = await post(requests);
      if (!Array.isArray(answers)) results.push(resultOf<T>(method, answers as RpcAnswer));
      else {
        const byId = new Map((answers as RpcAnswer[]).map((answer) => [answer.id, answer]));
        results.push(...requests.map(({ id }) => resultOf<T>(method, byId.get(id))));
      }
    }
    return results;
  };
  return {
    callAll,
    async call<T>(method: string, parameters: readonly unknown[]): Promise<T> {
      return resultOf<T>(method, (await post({ jsonrpc: "2.0", id: 0, method, params: parameters })) as RpcAnswer);
    },
  };
}
