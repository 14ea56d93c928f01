import { ThreadlineError } from "../model/errors.ts";

export interface ApiResponse<Body> {
  status: number;
  body: Body;
  headers: Headers;
}

/** A client of the oracle's HTTP API that acts for one holder of an API key. */
export interface ApiClient {
  get<Body = Record<string, unknown>>(path: string): Promise<ApiResponse<Body>>;
  post<Body = Record<string, unknown>>(path: string, body: unknown, headers?: Record<string, string>): Promise<ApiResponse<Body>>;
  /** As `get` or `post`, but a status of 400 or more throws `api-refused` with the problem's own words. */
  must<Body = Record<string, unknown>>(response: Promise<ApiResponse<Body>>): Promise<Body>;
  /** A file; throws `api-refused` with the problem's own words when it is not answered. */
  download(path: string): Promise<Uint8Array>;
  /** Server-sent events until the signal aborts. */
  stream(path: string, signal: AbortSignal, listener: (event: { type: string; data: unknown }) => void): Promise<void>;
}

export function createApiClient(baseUrl: string, apiKey: string): ApiClient {
  const send = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    try {
      return await fetch(new URL(path, baseUrl), {
        method,
        headers: {
          authorization: `Bearer ${apiKey}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw new ThreadlineError("api-unreachable", `no answer from ${baseUrl}: ${cause}; is "threadline up" running?`, { baseUrl });
    }
  };
  const request = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await send(method, path, body, headers);
    const text = await response.text();
    return { status: response.status, body: (text === "" ? {} : JSON.parse(text)) as never, headers: response.headers };
  };
  return {
    get: (path) => request("GET", path),
    post: (path, body, headers) => request("POST", path, body, headers),
    async must(pending) {
      const response = await pending;
      if (response.status >= 400) throw refusal(response.status, response.body as object);
      return response.body;
    },
    async download(path) {
      const response = await send("GET", path);
      if (response.ok) return new Uint8Array(await response.arrayBuffer());
      throw refusal(response.status, JSON.parse(await response.text()) as object);
    },
    async stream(path, signal, listener) {
      const response = await fetch(new URL(path, baseUrl), { headers: { authorization: `Bearer ${apiKey}`, accept: "text/event-stream" }, signal });
      if (response.body === null || !response.ok) throw new ThreadlineError("api-refused", `no event stream at ${path}: ${response.status}`);
      let buffer = "";
      const decoder = new TextDecoder();
      try {
        for await (const chunk of response.body) {
          buffer += decoder.decode(chunk as Uint8Array, { stream: true });
          const blocks = buffer.split("\n\n");
          buffer = blocks.pop() ?? "";
          blocks.forEach((block) => deliver(block, listener));
        }
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    },
  };
}

function refusal(status: number, problem: { title?: string; detail?: string }): ThreadlineError {
  const words = problem.detail ?? problem.title ?? "no reason given";
  return new ThreadlineError("api-refused", `the API answered ${status}: ${words}`, { status, problem });
}

function deliver(block: string, listener: (event: { type: string; data: unknown }) => void): void {
  let type = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) type = line.slice(6).trim();
    if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
  }
  if (data.length > 0) listener({ type, data: JSON.parse(data.join("\n")) });
}
