import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PendingMessage } from "../../services/device/message-store.ts";
import { createSender } from "../../services/device/sender.ts";

let pending: Map<number, PendingMessage>;
let sent: number[];
let isConnected: boolean;
const start = (window = 3) =>
  createSender({ window, resendMilliseconds: 1_000 }, { pending, isConnected: () => isConnected, publish: ({ sequence }) => sent.push(sequence) });

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  pending = new Map(Array.from({ length: 5 }, (_, index) => [index + 1, { sequence: index + 1, kind: "readings" as const, body: "" }]));
  sent = [];
  isConnected = true;
});
afterEach(() => {
  vi.useRealTimers();
});

describe("sender", () => {
  it("sends in order, no more than the window, and goes on with each receipt", () => {
    const sender = start();
    sender.pump();
    sender.pump();
    expect(sent).toEqual([1, 2, 3]);
    pending.delete(2);
    sender.pump();
    expect(sent).toEqual([1, 2, 3, 4]);
  });

  it("sends nothing without a connection and everything again on a new one", () => {
    const sender = start();
    isConnected = false;
    sender.pump();
    sender.resendOverdue();
    expect(sent).toEqual([]);
    isConnected = true;
    sender.pump();
    sender.restart();
    expect(sent).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it("resends what is overdue, ever more slowly while no receipt comes, and soon again after one", () => {
    const sender = start(1);
    const resentAfter = (milliseconds: number) => {
      sent = [];
      vi.advanceTimersByTime(milliseconds);
      sender.resendOverdue();
      return sent;
    };
    sender.pump();
    expect(resentAfter(999)).toEqual([]);
    expect(resentAfter(1)).toEqual([1]);
    expect(resentAfter(1_999)).toEqual([]);
    expect(resentAfter(1)).toEqual([1]);
    for (let times = 0; times < 5; times += 1) expect(resentAfter(12_000)).toEqual([1]);
    pending.delete(1);
    sender.pump();
    expect(resentAfter(1_000)).toEqual([2]);
  });
});
