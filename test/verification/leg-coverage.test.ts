import { describe, expect, it } from "vitest";
import { timeUnitSeconds } from "../../services/model/condition/index.ts";
import { NO_LEG, legCoverage } from "../../services/verification/leg-coverage.ts";
import type { SegmentProven } from "../../services/verification/ledger-events.ts";
import { FLOW } from "./support/flow.ts";

const PICK_UP = 2;
const RECEIVE = 4;
const START = 1_700_000_000;
const END = START + 10_000;
const LONGEST_GAP = 300;
/** Seconds of a tick under that gap. */
const UNIT = timeUnitSeconds(LONGEST_GAP);
const LONGEST_DURATION = 86_400;

function segment(from: number, to: number): SegmentProven {
  return {
    name: "SegmentProven",
    blockNumber: 1,
    logIndex: 0,
    transactionHash: "0x01",
    journeyId: "0x01",
    leg: 0,
    number: 0,
    from,
    to,
    stateBefore: 0n,
    stateAfter: 0n,
    readingsCommitment: 0n,
  };
}

const status = (segments: SegmentProven[], steps: [number, number][]) =>
  legCoverage(FLOW, 0, { assignment: null, segments, acceptances: [] }, new Map(steps)).status;
const ended: [number, number][] = [
  [PICK_UP, START],
  [RECEIVE, END],
];

describe("coverage of a leg", () => {
  it.each([
    ["covered exactly from hand-over to hand-over", [segment(START, END)], ended, "compliant"],
    ["a start as late as the longest gap", [segment(START + LONGEST_GAP, END)], ended, "compliant"],
    ["a start one second later", [segment(START + LONGEST_GAP + 1, END)], ended, "not-compliant"],
    ["an end as early as the longest gap", [segment(START, END - LONGEST_GAP)], ended, "compliant"],
    ["an end less than a tick earlier, which rounding explains", [segment(START, END - LONGEST_GAP - UNIT + 1)], ended, "compliant"],
    ["an end a whole tick earlier", [segment(START, END - LONGEST_GAP - UNIT)], ended, "pending"],
    ["no segment", [], ended, "pending"],
    ["not started", [], [], "pending"],
    ["under way", [segment(START, END)], ended.slice(0, 1), "pending"],
    ["under way and started too late", [segment(START + LONGEST_GAP + 1, END)], ended.slice(0, 1), "not-compliant"],
    ["as long as allowed", [segment(START, START + LONGEST_DURATION)], [ended[0], [RECEIVE, START + LONGEST_DURATION]], "compliant"],
    ["one second too long", [segment(START, START + LONGEST_DURATION + 1)], [ended[0], [RECEIVE, START + LONGEST_DURATION + 1]], "not-compliant"],
    ["ended before it started", [segment(START, END)], [ended[0], [RECEIVE, START - 1]], "not-compliant"],
  ] as [string, SegmentProven[], [number, number][], string][])("%s", (_, segments, steps, expected) => {
    expect(status(segments, steps)).toBe(expected);
  });

  it("of a leg the flow does not have is not compliant", () => {
    expect(legCoverage(FLOW, 7, NO_LEG, new Map())).toEqual({
      status: "not-compliant",
      reason: "the flow has no leg 7",
    });
  });
});
