import { expect, it } from "vitest";
import { benchReplay } from "../../services/verification/bench.ts";

it("replays what it made and states rates above nought", async () => {
  const bench = await benchReplay(800);
  expect(bench.events).toBe(800);
  expect(bench.chainEventsPerSecond).toBeGreaterThan(bench.signedEventsPerSecond);
  expect(bench.signedEventsPerSecond).toBeGreaterThan(0);
});
