import { describe, expect, it } from "vitest";
import { createBackoff } from "../../services/schedule/backoff.ts";

describe("backing off", () => {
  it("lets what fails rest twice as long each time, up to the longest, and nothing else", () => {
    let now = 1_000;
    const backoff = createBackoff({ firstMilliseconds: 100, longestMilliseconds: 350, now: () => now });
    expect(["first", "second", "third", "fourth"].map((problem) => backoff.failed("a", new Error(problem)))).toEqual([100, 200, 350, 350]);
    expect([backoff.isResting("a"), backoff.isResting("b"), backoff.resting()]).toEqual([true, false, 1]);
    now += 350;
    expect([backoff.isResting("a"), backoff.resting()]).toEqual([false, 0]);
    expect(backoff.failing()).toEqual([{ key: "a", failures: 4, sinceMilliseconds: 1_000, problem: "fourth" }]);
  });

  it("forgets what succeeded, and names the longest failing first", () => {
    let now = 0;
    const backoff = createBackoff({ firstMilliseconds: 100, longestMilliseconds: 1_000, now: () => now });
    for (const key of ["a", "b", "c"]) {
      backoff.failed(key, `no ${key}`);
      now += 10;
    }
    backoff.failed("a", "still no a");
    backoff.succeeded("b");
    expect(backoff.failing().map(({ key, failures, problem }) => [key, failures, problem])).toEqual([["a", 2, "still no a"], ["c", 1, "no c"]]);
    expect(backoff.failed("b", "again")).toBe(100);
  });
});
