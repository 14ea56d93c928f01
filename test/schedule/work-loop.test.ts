import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { createWorkLoop } from "../../services/schedule/work-loop.ts";
import type { StepOutcome, WorkLoop, WorkLoopOptions } from "../../services/schedule/work-loop.ts";

let loop: WorkLoop | undefined;
afterEach(async () => loop?.close());

const lines: { level: string; message: string; failures: unknown }[] = [];
const logger = {
  info: (facts: object, message: string) => void lines.push({ level: "info", message, failures: (facts as { failures?: number }).failures }),
  error: (facts: object, message: string) => void lines.push({ level: "error", message, failures: (facts as { failures?: number }).failures }),
};

/** Starts a loop over `step`, and returns when each step began, in milliseconds since. */
function run(step: () => Promise<StepOutcome>, options: Partial<WorkLoopOptions> = {}): number[] {
  const begun: number[] = [];
  const start = performance.now();
  lines.length = 0;
  loop = createWorkLoop({
    name: "the test",
    everyMilliseconds: 60_000,
    logger,
    ...options,
    step() {
      begun.push(performance.now() - start);
      return step();
    },
  });
  loop.start();
  return begun;
}

const until = async (condition: () => boolean) => {
  for (const end = Date.now() + 5_000; !condition(); await sleep(2)) if (Date.now() > end) throw new Error("waited too long");
};

describe("a loop of work", () => {
  it("steps at fixed times, whatever the steps take, and leaves out those that passed meanwhile", async () => {
    const begun = run(async () => {
      await sleep(begun.length === 3 ? 250 : 60);
      return "idle";
    }, { everyMilliseconds: 100 });
    await until(() => begun.length === 6);
    const places = begun.map((at) => Math.floor((at + 15) / 100));
    expect(places).toEqual([0, 1, 2, 5, 6, 7]);
    for (const [index, at] of begun.entries()) expect(at - 100 * (places[index] ?? 0)).toBeLessThan(60);
  });

  it("steps at once when told, also when told during a step, and one at a time", async () => {
    let under = 0;
    let most = 0;
    const begun = run(async () => {
      most = Math.max(most, ++under);
      await sleep(20);
      under -= 1;
      return "idle";
    });
    await until(() => begun.length === 1);
    loop?.notify();
    loop?.notify();
    await until(() => begun.length === 2);
    await sleep(60);
    loop?.notify();
    await until(() => begun.length === 3);
    await sleep(60);
    expect([begun.length, most]).toEqual([3, 1]);
  });

  it("goes on while there is work, and rests first when asked to", async () => {
    let left = 5;
    const begun = run(async () => (left-- > 0 ? "worked" : "idle"), { everyMilliseconds: 150, restsFirst: true });
    await sleep(60);
    expect(begun).toEqual([]);
    await until(() => begun.length === 6);
    expect((begun[5] ?? 0) - (begun[0] ?? 0)).toBeLessThan(60);
  });

  it("is tried again ever later while it fails, logs ever less of it, tells of it from the third on, and of its end", async () => {
    let failing = true;
    const told: unknown[] = [];
    const begun = run(async () => {
      if (failing) throw new Error(`broken ${begun.length}`);
      return "idle";
    }, { onError: (error) => told.push(error) });
    await until(() => begun.length === 2);
    expect(loop?.failure()).toBeNull();
    await until(() => begun.length === 4 && told.length === 4);
    expect(loop?.failure()).toMatchObject({ failures: 4, problem: "broken 4" });
    const gaps = begun.slice(1).map((at, index) => at - (begun[index] ?? 0));
    expect(gaps.map((gap) => Math.round(gap / 50) * 50)).toEqual([250, 500, 1000]);
    expect(lines).toEqual([1, 2, 4].map((failures) => ({ level: "error", message: "the test failed; it is tried again", failures })));
    failing = false;
    loop?.notify();
    await until(() => begun.length === 5);
    await sleep(5);
    expect(loop?.failure()).toBeNull();
    expect(lines.at(-1)).toEqual({ level: "info", message: "the test goes on", failures: 4 });
  });

  it("ends when the step under way has ended, and does nothing more", async () => {
    let ended = 0;
    const begun = run(async () => {
      await sleep(50);
      ended += 1;
      return "worked";
    });
    await until(() => begun.length === 1);
    await loop?.close();
    expect([begun.length, ended]).toEqual([1, 1]);
    loop?.notify();
    await sleep(30);
    expect(begun).toHaveLength(1);
    await expect(loop?.untilIdle()).rejects.toMatchObject({ code: "closed" });
  });

  it("works until nothing is left, past a failure, and gives up when step after step fails", { timeout: 30_000 }, async () => {
    let left = 3;
    loop = createWorkLoop({
      name: "the test", everyMilliseconds: 60_000, logger,
      async step() {
        left -= 1;
        if (left === 1) throw new Error("once");
        return left > 0 ? "worked" : "idle";
      },
    });
    await loop.untilIdle();
    expect(left).toBe(0);
    const broken = createWorkLoop({ name: "the test", everyMilliseconds: 60_000, logger, step: () => Promise.reject(new Error("always")) });
    await expect(broken.untilIdle()).rejects.toThrow("always");
    await broken.close();
  });
});
