import type { FlowDefinition } from "../custody/flow.ts";

export type TimeLimitState = "not-started" | "running" | "paused" | "met" | "exceeded";

/** One running clock of a journey. Times in Unix seconds. */
export interface TimeLimitClock {
  /** `within`: from one step to another, enforced by the ledger. `out-of-storage`: minutes added up, enforced by the node. */
  kind: "within" | "out-of-storage";
  /** What is timed: the flow's name of a cumulative limit, else `{of} to {step}`. */
  name: string;
  /** Step, or steps, that start the clock, and those that stop it. */
  of: string[];
  step: string[];
  limitSeconds: number;
  startedAt: number | null;
  /** When it runs out, if nothing stops it; null while it does not run. */
  deadline: number | null;
  /** When it ran out; null while it has not. */
  exceededAt: number | null;
  elapsedSeconds: number;
  /** Negative when exceeded: by how much. */
  remainingSeconds: number;
  state: TimeLimitState;
}

/** A recorded step; number in the flow and Unix seconds. */
export interface RecordedStep {
  step: number;
  occurredAt: number;
}

/**
 * Every time limit of a flow as a clock at `nowSeconds`: collection to receipt, thaw to infusion, time out of storage.
 * Judges as `rules.ts` and the ledger do: a step's time is that of its first record, in the order given.
 */
export function timeLimitClocks(flow: FlowDefinition, recorded: readonly RecordedStep[], nowSeconds: number): TimeLimitClock[] {
  const first = new Map<string, number>();
  for (const { step, occurredAt } of recorded) {
    const name = flow.steps[step]?.step;
    if (name !== undefined && !first.has(name)) first.set(name, occurredAt);
  }
  const within = flow.steps.flatMap((step) =>
    step.within.map((limit) => withinClock(limit, step.step, first.get(limit.of) ?? null, first.get(step.step) ?? null, nowSeconds)),
  );
  return [...within, ...flow.timeOutOfStorage.map((limit) => outOfStorageClock(flow, limit, recorded, nowSeconds))];
}

function withinClock(limit: { of: string; seconds: number }, step: string, startedAt: number | null, endedAt: number | null, nowSeconds: number): TimeLimitClock {
  const common = { kind: "within" as const, name: `${limit.of} to ${step}`, of: [limit.of], step: [step], limitSeconds: limit.seconds };
  if (startedAt === null)
    return { ...common, startedAt, deadline: null, exceededAt: null, elapsedSeconds: 0, remainingSeconds: limit.seconds, state: "not-started" };
  const elapsedSeconds = Math.max(0, (endedAt ?? nowSeconds) - startedAt);
  const remainingSeconds = limit.seconds - elapsedSeconds;
  const state = remainingSeconds < 0 ? "exceeded" : endedAt === null ? "running" : "met";
  const deadline = startedAt + limit.seconds;
  return { ...common, startedAt, deadline, exceededAt: state === "exceeded" ? deadline : null, elapsedSeconds, remainingSeconds, state };
}

type OutOfStorageLimit = FlowDefinition["timeOutOfStorage"][number];

/** Adds up each time from a step that takes the material out to the next one that puts it back, by when they happened. */
function outOfStorageClock(flow: FlowDefinition, limit: OutOfStorageLimit, recorded: readonly RecordedStep[], nowSeconds: number): TimeLimitClock {
  const moves = recorded
    .flatMap(({ step, occurredAt }) => {
      const name = flow.steps[step]?.step ?? "";
      return limit.out.includes(name) ? [{ isOut: true, occurredAt }] : limit.back.includes(name) ? [{ isOut: false, occurredAt }] : [];
    })
    .sort((left, right) => left.occurredAt - right.occurredAt || Number(left.isOut) - Number(right.isOut));
  let outSince: number | null = null;
  let startedAt: number | null = null;
  let closedSeconds = 0;
  let exceededAt: number | null = null;
  const count = (from: number, to: number) => {
    if (closedSeconds + to - from > limit.seconds) exceededAt ??= from + limit.seconds - closedSeconds;
    return Math.max(0, to - from);
  };
  for (const { isOut, occurredAt } of moves) {
    if (isOut) {
      outSince ??= occurredAt;
      startedAt ??= occurredAt;
    } else if (outSince !== null) {
      closedSeconds += count(outSince, occurredAt);
      outSince = null;
    }
  }
  const elapsedSeconds = closedSeconds + (outSince === null ? 0 : count(outSince, nowSeconds));
  const remainingSeconds = limit.seconds - elapsedSeconds;
  const ended = startedAt === null ? "not-started" : outSince === null ? "paused" : "running";
  return {
    kind: "out-of-storage",
    name: limit.limit,
    of: limit.out,
    step: limit.back,
    limitSeconds: limit.seconds,
    startedAt,
    deadline: outSince === null ? null : outSince + limit.seconds - closedSeconds,
    exceededAt,
    elapsedSeconds,
    remainingSeconds,
    state: remainingSeconds < 0 ? "exceeded" : ended,
  };
}
