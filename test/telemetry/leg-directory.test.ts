import { describe, expect, it } from "vitest";
import { legAt, presentLeg } from "../../services/telemetry/index.ts";
import type { AssignedLeg } from "../../services/telemetry/leg-directory.ts";
import { flow } from "./support/edge.ts";

const [profile] = flow.profiles;
if (profile === undefined) throw new Error("the flow has a profile");
const leg = (number: number, fields: Partial<AssignedLeg> = {}): AssignedLeg => ({
  key: `j/${number}`,
  journeyId: "j",
  leg: number,
  giai: "LOG7",
  ownerGln: null,
  assignedFrom: 100,
  profile,
  shippers: [],
  wantsShipper: false,
  handoverToleranceSeconds: 0,
  startedAt: null,
  endedAt: null,
  startRecordedAtMilliseconds: null,
  endRecordedAtMilliseconds: null,
  ...fields,
});

describe("leg of a reading", () => {
  it("is one assigned by then and not yet ended", () => {
    expect(legAt([leg(0)], 99)).toBeNull();
    expect(legAt([leg(0)], 100)?.leg).toBe(0);
    expect(legAt([leg(0, { endedAt: 200 })], 200)?.leg).toBe(0);
    expect(legAt([leg(0, { endedAt: 200 })], 201)).toBeNull();
    expect(legAt([], 100)).toBeNull();
  });

  it("is the one that has started, when a device has several ahead of it", () => {
    const both = [leg(1, { startedAt: 500 }), leg(0, { startedAt: 150, endedAt: 400 })];
    expect(legAt(both, 300)?.leg).toBe(0);
    expect(legAt(both, 600)?.leg).toBe(1);
    expect(legAt([leg(1), leg(0)], 300)?.leg).toBe(0);
  });
});

describe("leg a device watches now", () => {
  it("is the one under way, else the next, else the last that ended", () => {
    const ended = leg(0, { startedAt: 150, endedAt: 400 });
    expect(presentLeg([ended, leg(1, { startedAt: 500 }), leg(2)])?.leg).toBe(1);
    expect(presentLeg([ended, leg(2), leg(1)])?.leg).toBe(1);
    expect(presentLeg([ended, leg(1, { startedAt: 500, endedAt: 600 })])?.leg).toBe(1);
    expect(presentLeg([])).toBeNull();
  });
});
