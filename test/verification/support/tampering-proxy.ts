import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

interface Call {
  id: number;
  method: string;
  params: unknown[];
}

/** Changes one answer; throws to have the node refuse the call with the error's message. */
export type Tamper = (method: string, result: unknown, params: unknown[]) => unknown;

export interface TamperingProxy {
  rpcUrl: string;
  close(): Promise<void>;
}

/** A node that lies: forwards JSON-RPC to a real one and changes its answers. */
export async function startTamperingProxy(rpcUrl: string, tamper: Tamper): Promise<TamperingProxy> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const forwarded = await fetch(rpcUrl, { method: "POST", headers: { "content-type": "application/json" }, body });
    const calls = JSON.parse(body) as Call | Call[];
    const answers = (await forwarded.json()) as { id: number; result?: unknown } | { id: number; result?: unknown }[];
    const change = (call: Call, answer: { id: number; result?: unknown } | undefined) => {
      try {
        return { ...answer, result: tamper(call.method, structuredClone(answer?.result), call.params) };
      } catch (error) {
        return { jsonrpc: "2.0", id: call.id, error: { code: -32_005, message: (error as Error).message } };
      }
    };
    const changed = Array.isArray(calls)
      ? calls.map((call) => change(call, (answers as { id: number }[]).find((answer) => answer.id === call.id)))
      : change(calls, answers as { id: number });
    response.setHeader("content-type", "application/json").end(JSON.stringify(changed));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    rpcUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
