import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openJourney, present, startOracle } from "../support.ts";
import type { TestOracle } from "../support.ts";

let oracle: TestOracle;
beforeAll(async () => {
  oracle = await startOracle({ limits: { streams: 2 } });
});
afterAll(() => oracle.close());

async function listen(journeyId: string) {
  const controller = new AbortController();
  const response = await fetch(`${oracle.url}/journeys/${journeyId}/stream`, {
    headers: { authorization: `Bearer ${oracle.operatorKey}` },
    signal: controller.signal,
  });
  const received = { text: "", ended: false };
  const reading = (async () => {
    try {
      for await (const chunk of present(response.body)) received.text += Buffer.from(chunk).toString();
      received.ended = true;
    } catch {
      received.ended = true;
    }
  })();
  return { response, received, reading, leave: () => controller.abort() };
}

describe("GET /journeys/{journeyId}/stream", () => {
  it("sends the journey's notifications and no other's, numbered, until the client leaves", async () => {
    const [mine, other] = [await openJourney(oracle), await openJourney(oracle)];
    const { response, received, reading, leave } = await listen(mine.journeyId);
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const publish = (journeyId: string, code: string) =>
      oracle.notifications.publish({ type: "exception", journeyId, data: { code }, atMilliseconds: 1 });
    publish(other.journeyId, "sensor-gap");
    publish(mine.journeyId, "temperature-excursion");
    publish(mine.journeyId, "tilt-excursion");
    for (let tries = 0; tries < 100 && !received.text.includes("tilt-excursion"); tries += 1) await sleep(10);
    expect(received.text).not.toContain("sensor-gap");
    const blocks = received.text.split("\n\n").filter((block) => block.includes("event:"));
    expect(blocks[0]).toMatch(/^id: 1\nevent: exception\ndata: \{.*"code":"temperature-excursion".*\}$/);
    expect(blocks[1]).toMatch(/^id: 2\n/);
    leave();
    await reading;
  });

  it("bounds how many streams are open, and frees a place when one leaves", async () => {
    const { journeyId } = await openJourney(oracle);
    const open = [await listen(journeyId), await listen(journeyId)];
    expect((await oracle.operator("GET", `/journeys/${journeyId}/stream`)).status).toBe(503);
    open[0]?.leave();
    let third = await listen(journeyId);
    for (let tries = 0; tries < 100 && third.response.status !== 200; tries += 1) {
      await sleep(10);
      third = await listen(journeyId);
    }
    expect(third.response.status).toBe(200);
    third.leave();
    open[1]?.leave();
  });

  it("ends when the server closes", async () => {
    const own = await startOracle();
    const { journeyId } = await openJourney(own);
    const response = await fetch(`${own.url}/journeys/${journeyId}/stream`, {
      headers: { authorization: `Bearer ${own.operatorKey}` },
    });
    const ended = response.text();
    const started = Date.now();
    await own.close();
    expect(await ended).toContain("retry: 1000");
    expect(Date.now() - started).toBeLessThan(1_900);
  });
});
