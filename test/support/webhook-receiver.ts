import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  headers: Record<string, string | string[] | undefined>;
  body: string;
  json: Record<string, unknown>;
}

/** A real receiver on loopback. What it answers is set by `answer`: a status, or null to keep the sender waiting. */
export async function startReceiver(port = 0) {
  const received: Received[] = [];
  const state: { answer: (place: number) => number | null } = { answer: () => 204 };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const status = state.answer(received.length);
      received.push({ headers: request.headers, body, json: JSON.parse(body) as Record<string, unknown> });
      if (status !== null) response.writeHead(status, { location: "/elsewhere" }).end("thank you");
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}/exceptions`,
    port: taken,
    received,
    state,
    async until(count: number, milliseconds = 20_000): Promise<Received[]> {
      const deadline = Date.now() + milliseconds;
      while (received.length < count) {
        if (Date.now() > deadline) throw new Error(`${received.length} of ${count} deliveries came`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return received;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export type Receiver = Awaited<ReturnType<typeof startReceiver>>;

/** What a receiver does with the header: one mark must be that of its secret over time and bytes. */
export function isSignedWith(secret: string, { headers, body }: Received): boolean {
  const parts = String(headers["threadline-signature"]).split(",").map((part) => part.split("=") as [string, string]);
  const time = parts.find(([name]) => name === "t")?.[1] ?? "";
  const expected = createHmac("sha256", secret).update(`${time}.${body}`).digest();
  return parts.some(([name, mark]) => name === "v1" && mark.length === 64 && timingSafeEqual(Buffer.from(mark, "hex"), expected));
}
