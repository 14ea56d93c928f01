/** The node understood the request and answered with an error. */
export class RpcError extends Error {
  readonly code: number;
  /** Revert data of a call, when the node gives it. */
  readonly data: string | null;

  constructor(code: number, message: string, data: string | null) {
    super(message);
    this.name = "RpcError";
    this.code = code;
    this.data = data;
  }
}

/** No usable answer came: whether the node acted on the request is unknown. */
export class RpcTransportError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "RpcTransportError";
  }
}

export interface JsonRpc {
  /** Throws RpcError or RpcTransportError. */
  send(method: string, parameters?: readonly unknown[]): Promise<unknown>;
}

interface Request {
  jsonrpc: "2.0";
  id: number;
  method: string;
  params: readonly unknown[];
}

interface Answer {
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}

const READ_ATTEMPTS = 3;
const BEFORE_NEXT_ATTEMPT_MILLISECONDS = 50;

/**
 * JSON-RPC 2.0 over HTTP, one request a call, nothing cached. A question that got no answer is asked again at once; a
 * transaction is not sent again here: its sender first has to know what became of it.
 */
export function createJsonRpc(url: string, timeoutMilliseconds = 10_000): JsonRpc {
  let id = 0;

  async function ask(method: string, params: readonly unknown[], attempts: number): Promise<Answer> {
    id += 1;
    try {
      return await post(url, { jsonrpc: "2.0", id, method, params }, timeoutMilliseconds);
    } catch (error) {
      if (attempts === 1 || isTimeout(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, BEFORE_NEXT_ATTEMPT_MILLISECONDS));
      return ask(method, params, attempts - 1);
    }
  }

  return {
    async send(method, parameters = []) {
      const answer = await ask(method, parameters, method === "eth_sendRawTransaction" ? 1 : READ_ATTEMPTS);
      if (answer.error === undefined) return answer.result;
      throw new RpcError(answer.error.code, answer.error.message, revertDataOf(answer.error.data));
    },
  };
}

/** A node that hangs is not asked again within the same call. */
function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.name === "TimeoutError";
}

async function post(url: string, request: Request, timeoutMilliseconds: number): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    const answer = (await response.json()) as Answer;
    if (typeof answer !== "object" || answer === null || !("result" in answer || "error" in answer))
      throw new Error(`HTTP status ${response.status} without a JSON-RPC answer`);
    return answer;
  } catch (error) {
    const reason = error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : "unknown";
    throw new RpcTransportError(`${request.method} got no answer from ${new URL(url).host}: ${reason}`, { cause: error });
  }
}

/** geth and anvil give the data as text, others inside an object. */
function revertDataOf(data: unknown): string | null {
  if (typeof data === "string") return /^0x[0-9a-fA-F]*$/.test(data) ? data : null;
  if (typeof data === "object" && data !== null && "data" in data) return revertDataOf(data.data);
  return null;
}
