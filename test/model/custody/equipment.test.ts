import { describe, expect, it } from "vitest";
import { equipmentStatus, isLaneQualified, isShipperQualified } from "../../../services/model/custody/index.ts";

const periods = [{ from: 100, until: 1000 }, { from: 400, until: 900 }];

describe("a shipper's qualification", () => {
  it("is for one use, both ends included", () => {
    expect(isShipperQualified([{ from: 100, until: 1000 }], [100], 100, 1000)).toBe(true);
    expect(isShipperQualified([{ from: 100, until: 1000 }], [99], 99, 500)).toBe(false);
    expect(isShipperQualified([{ from: 100, until: 1000 }], [100], 100, 1001)).toBe(false);
  });

  it("is spent by a use, until the next", () => {
    const uses = [200, 300, 500];
    expect(isShipperQualified(periods, uses, 200, 250)).toBe(true);
    expect(isShipperQualified(periods, uses, 300, 350)).toBe(false);
    expect(isShipperQualified(periods, uses, 500, 600)).toBe(true);
    expect(isShipperQualified(periods, [500, 500], 500, 600)).toBe(false);
  });

  it("is broken by another use before this one ends, so that a back-dated one gains nothing", () => {
    expect(isShipperQualified([{ from: 100, until: 1000 }], [200, 300], 200, 301)).toBe(false);
    expect(isShipperQualified([{ from: 100, until: 1000 }], [200, 300], 200, 300)).toBe(true);
  });
});

describe("a leg's equipment", () => {
  const use = (assignedAt: number, change = {}) => ({
    assignedAt,
    shipperQualifications: [{ from: 100, until: 1000 }],
    shipperUses: [assignedAt],
    laneQualifications: [{ from: 0, until: 5000 }],
    ...change,
  });
  const leg = { start: 200, end: 600 };

  it("is compliant from start to end in a qualified shipper over a qualified lane", () => {
    expect(equipmentStatus([use(200)], leg, 60)).toBe("compliant");
    expect(equipmentStatus([use(260)], leg, 60)).toBe("compliant");
    expect(equipmentStatus([use(261)], leg, 60)).toBe("not-compliant");
  });

  it("is pending without a shipper, before the start and before the end", () => {
    expect(equipmentStatus([], leg, 60)).toBe("pending");
    expect(equipmentStatus([use(200)], { start: null, end: null }, 60)).toBe("pending");
    expect(equipmentStatus([use(200)], { start: 200, end: null }, 60)).toBe("pending");
  });

  it("is not compliant at once when shipper or lane are not qualified, or not to the end", () => {
    expect(equipmentStatus([use(200, { shipperQualifications: [] })], { start: null, end: null }, 60)).toBe("not-compliant");
    expect(equipmentStatus([use(200, { laneQualifications: [] })], leg, 60)).toBe("not-compliant");
    expect(equipmentStatus([use(200)], { start: 200, end: 1001 }, 60)).toBe("not-compliant");
    expect(isLaneQualified([{ from: 0, until: 500 }], 200, 600)).toBe(false);
  });

  it("asks each of two shippers for its own part only", () => {
    const first = use(200, { shipperQualifications: [{ from: 100, until: 400 }] });
    expect(equipmentStatus([use(400), first], leg, 60)).toBe("compliant");
    expect(equipmentStatus([use(401), first], leg, 60)).toBe("not-compliant");
  });
});
