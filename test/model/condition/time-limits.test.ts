import { describe, expect, it } from "vitest";
import { flowSchema } from "../../../services/model/custody/flow.ts";
import { newJourneyState, recordFact } from "../../../services/model/custody/rules.ts";
import { timeLimitClocks } from "../../../services/model/condition/index.ts";

const HOUR = 3600;
const step = (name: string, extra: object = {}) => ({ step: name, title: name, roles: ["manufacturing-site"], custody: "none", repeatable: true, ...extra });
const definition = {
  name: "timed",
  version: 1,
  lateEntryToleranceSeconds: 60,
  handoverToleranceSeconds: 60,
  profiles: [],
  steps: [
    step("collection"),
    step("receipt", { within: [{ of: "collection", seconds: 48 * HOUR }] }),
    step("unpack"),
    step("pack"),
    step("thaw"),
    step("infusion", { within: [{ of: "thaw", seconds: 1800 }] }),
  ],
  timeOutOfStorage: [{ limit: "bench-time", out: ["unpack", "thaw"], back: ["pack", "infusion"], seconds: 1800 }],
};
const flow = flowSchema.parse(definition);
const place = (name: string) => flow.steps.findIndex((candidate) => candidate.step === name);
const at = (name: string, occurredAt: number) => ({ step: place(name), occurredAt });
const clock = (name: string, recorded: ReturnType<typeof at>[], now: number) => {
  const found = timeLimitClocks(flow, recorded, now).find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no clock ${name}`);
  return found;
};

describe("a limit between two steps", () => {
  const NAME = "collection to receipt";
  it("does not run before its first step", () => {
    expect(clock(NAME, [], 1)).toMatchObject({ state: "not-started", startedAt: null, deadline: null, remainingSeconds: 48 * HOUR });
  });

  it("runs, is met at its deadline, and is exceeded a second later", () => {
    const start = [at("collection", 1000)];
    const deadline = 1000 + 48 * HOUR;
    expect(clock(NAME, start, 1060)).toMatchObject({ state: "running", startedAt: 1000, deadline, elapsedSeconds: 60, remainingSeconds: 48 * HOUR - 60, exceededAt: null });
    expect(clock(NAME, start, deadline)).toMatchObject({ state: "running", remainingSeconds: 0 });
    expect(clock(NAME, start, deadline + 1)).toMatchObject({ state: "exceeded", remainingSeconds: -1, exceededAt: deadline });
    expect(clock(NAME, [...start, at("receipt", deadline)], deadline + 999)).toMatchObject({ state: "met", remainingSeconds: 0 });
    expect(clock(NAME, [...start, at("receipt", deadline + 1)], deadline + 999)).toMatchObject({ state: "exceeded", remainingSeconds: -1 });
  });

  it("judges a first record as the ledger's rules do", () => {
    for (const occurredAt of [999, 1000, 2799, 2800, 2801, 9999]) {
      const state = recordFact(flow, newJourneyState, { step: place("thaw"), participant: "p", roles: ["manufacturing-site"], occurredAt: 1000, recordedAt: 1000 }).state;
      const { exceptions } = recordFact(flow, state, { step: place("infusion"), participant: "p", roles: ["manufacturing-site"], occurredAt, recordedAt: occurredAt });
      const { state: shown } = clock("thaw to infusion", [at("thaw", 1000), at("infusion", occurredAt)], 99_999);
      expect(shown === "exceeded").toBe(exceptions.includes("time-limit-exceeded"));
    }
  });
});

describe("time out of storage", () => {
  const shown = (recorded: ReturnType<typeof at>[], now: number) => clock("bench-time", recorded, now);

  it("adds up what lies between each step out and the next one back", () => {
    const first = [at("unpack", 100), at("pack", 700)];
    expect(shown([], 50)).toMatchObject({ state: "not-started", remainingSeconds: 1800 });
    expect(shown(first, 5000)).toMatchObject({ state: "paused", elapsedSeconds: 600, remainingSeconds: 1200, deadline: null });
    const again = [...first, at("thaw", 10_000)];
    expect(shown(again, 10_100)).toMatchObject({ state: "running", elapsedSeconds: 700, deadline: 11_200, exceededAt: null });
    expect(shown(again, 11_200)).toMatchObject({ state: "running", remainingSeconds: 0 });
    expect(shown(again, 11_201)).toMatchObject({ state: "exceeded", remainingSeconds: -1, exceededAt: 11_200 });
    expect(shown([...again, at("infusion", 11_300)], 99_999)).toMatchObject({ state: "exceeded", elapsedSeconds: 1900, exceededAt: 11_200 });
  });

  it("goes by when things happened, not by when they were told, and counts overlapping times out once", () => {
    expect(shown([at("pack", 700), at("unpack", 100)], 5000)).toMatchObject({ elapsedSeconds: 600 });
    expect(shown([at("unpack", 100), at("thaw", 400), at("pack", 700)], 5000)).toMatchObject({ elapsedSeconds: 600, state: "paused" });
    expect(shown([at("pack", 50), at("unpack", 100), at("pack", 100)], 1000)).toMatchObject({ state: "running", elapsedSeconds: 900 });
  });

  it("must name steps of the flow, each on one side", () => {
    const limit = (change: object) => flowSchema.safeParse({ ...definition, timeOutOfStorage: [{ ...definition.timeOutOfStorage[0], ...change }] });
    expect(limit({}).success).toBe(true);
    expect(limit({ out: ["nowhere"] }).error?.issues[0]?.message).toContain('no step is named "nowhere"');
    expect(limit({ back: ["thaw"] }).error?.issues[0]?.message).toContain("not both");
  });
});
