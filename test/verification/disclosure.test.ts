import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fetchDisclosure } from "../../services/verification/disclosure.ts";
import { freePort } from "../support/anvil.ts";

const JOURNEY = `0x${"ab".repeat(32)}`;
const EMPTY = { journeyId: JOURNEY, events: [], exceptionDetails: [], segments: [] };

let server: Server;
let url: string;
let asked: IncomingMessage;
let answer: { status: number; body: string };

beforeAll(async () => {
  server = createServer((request, response) => {
    asked = request;
    response.writeHead(answer.status).end(answer.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe("fetching a disclosure", () => {
  it("asks the oracle's path with the key", async () => {
    answer = { status: 200, body: JSON.stringify(EMPTY) };
    await expect(fetchDisclosure(`${url}/`, "tl_key", JOURNEY)).resolves.toEqual(EMPTY);
    expect(asked.url).toBe(`/journeys/${JOURNEY}/disclosure`);
    expect(asked.headers.authorization).toBe("Bearer tl_key");
  });

  it.each([
    ["a refusal", 403, "{}", "disclosure-refused"],
    ["no JSON", 200, "<html>", "disclosure-invalid"],
    ["another shape", 200, JSON.stringify({ ...EMPTY, events: [{}] }), "disclosure-invalid"],
  ])("says what is wrong with %s", async (_, status, body, code) => {
    answer = { status, body };
    await expect(fetchDisclosure(url, "tl_key", JOURNEY)).rejects.toMatchObject({ code });
  });

  it("says that nothing answers", async () => {
    const closed = `http://127.0.0.1:${await freePort()}`;
    await expect(fetchDisclosure(closed, "tl_key", JOURNEY)).rejects.toMatchObject({ code: "disclosure-unreachable" });
  });
});
