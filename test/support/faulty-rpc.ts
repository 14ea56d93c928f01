import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * What happens to one request. `drop-request`: the node never sees it. `drop-answer`: the node acts, the caller hears
 * nothing. `hang`: as that, and the connection stays open. `twice`: the node gets it two times. `status-500`: the node
 * never sees it and the caller gets a page. `garbage`: the node acts, the answer is no JSON. An `error` is answered in
 * the node's place.
 */
export type RpcFault = { error: string } | "none" | "drop-request" | "drop-answer" | "hang" | "twice" | "status-500" | "garbage";

export interface FaultyRpc {
  rpcUrl: string;
  /** Requests seen, by method. */
  seen: Map<string, number>;
  close(): Promise<void>;
}

/** Stands between a client and a node and does to each request what `choose` says. */
export async function startFaultyRpc(target: string, choose: (method: string, count: number) => RpcFault): Promise<FaultyRpc> {
  const seen = new Map<string, number>();
  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { method } = JSON.parse(body) as { method: string };
    const count = (seen.get(method) ?? 0) + 1;
    seen.set(method, count);
    const fault = choose(method, count);
    if (fault === "drop-request") return void response.destroy();
    if (typeof fault === "object") {
      response.writeHead(200, { "content-type": "application/json" });
      return void response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code: -32_000, message: fault.error } }));
    }
    if (fault === "status-500") return void response.writeHead(500).end("<h1>Bad gateway</h1>");
    const forward = async () => (await fetch(target, { method: "POST", headers: { "content-type": "application/json" }, body })).text();
    const answer = await forward();
    if (fault === "drop-answer") return void response.destroy();
    if (fault === "hang") return;
    const last = fault === "twice" ? await forward() : fault === "garbage" ? "<html>" : answer;
    response.writeHead(200, { "content-type": "application/json" }).end(last);
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    rpcUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
