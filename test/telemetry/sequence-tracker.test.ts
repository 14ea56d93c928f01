import { describe, expect, it } from "vitest";
import { createSequenceTracker } from "../../services/telemetry/sequence-tracker.ts";

describe("sequence tracker", () => {
  it("hands out in order whatever the order of arrival", () => {
    const tracker = createSequenceTracker<number>();
    const handed = [4, 2, 1, 5, 3].flatMap((sequence) => tracker.take(sequence, sequence, 0).ready);
    expect(handed).toEqual([1, 2, 3, 4, 5]);
    expect(tracker.judgedThrough()).toBe(5);
    expect(tracker.giveUp(Infinity, 0)).toBeNull();
  });

  it("gives up a hole once it is old enough, and calls what fills it late", () => {
    const tracker = createSequenceTracker<number>();
    tracker.take(1, 1, 0);
    tracker.take(4, 4, 1_000);
    tracker.take(5, 5, 2_000);
    expect(tracker.giveUp(999, 9_000)).toBeNull();
    expect(tracker.giveUp(1_000, 9_000)).toEqual({ firstMissing: 2, missing: 2, ready: [4, 5] });
    expect(tracker.giveUp(Infinity, 9_000)).toBeNull();
    expect(tracker.take(3, 3, 9_000)).toEqual({ ready: [], late: true });
    expect(tracker.take(6, 6, 9_000)).toEqual({ ready: [6], late: false });
  });

  it("finds each of several holes, and one before the first message", () => {
    const tracker = createSequenceTracker<string>();
    tracker.take(3, "c", 0);
    tracker.take(6, "f", 0);
    expect(tracker.giveUp(0, 0)).toEqual({ firstMissing: 1, missing: 2, ready: ["c"] });
    expect(tracker.giveUp(0, 0)).toEqual({ firstMissing: 4, missing: 2, ready: ["f"] });
    expect(tracker.giveUp(0, 0)).toBeNull();
  });

  it("starts after what was judged before", () => {
    const tracker = createSequenceTracker<number>(10);
    expect(tracker.take(10, 10, 0).late).toBe(true);
    expect(tracker.take(11, 11, 0).ready).toEqual([11]);
  });
});
