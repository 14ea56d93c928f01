import { describe, expect, it } from "vitest";
import { expiryDaysOf, traceabilityOf } from "../../../services/model/privacy/index.ts";

describe("statutory traceability", () => {
  it("holds the link for thirty years after the latest expiry on record, to the day", () => {
    const on = (today: string) => traceabilityOf(3, ["2026-05-01", "2026-09-30"], today);
    expect(on("2026-10-01")).toMatchObject({ isKept: true, until: "2056-09-30", why: expect.stringContaining("1394/2007, Article 15") });
    expect(on("2056-09-30").isKept).toBe(true);
    expect(on("2056-10-01").isKept).toBe(false);
  });

  it("holds it without end while material is on record and no expiry date is", () => {
    expect(traceabilityOf(1, [], "2999-01-01")).toMatchObject({ isKept: true, until: null });
  });

  it("holds nothing of a journey that recorded no material", () => {
    expect(traceabilityOf(0, ["2026-05-01"], "2026-01-01").isKept).toBe(false);
  });

  it("gives a leap day its whole time", () => {
    expect(traceabilityOf(1, ["2028-02-29"], "2030-01-01").until).toBe("2058-03-01");
  });

  it("reads expiry dates out of an event's master data, whatever its prefix", () => {
    const body = { ilmd: { "cbvmda:itemExpirationDate": "2026-09-30", "cbvmda:lotNumber": "L1" }, other: { "mda:itemExpirationDate": "2026-10-31T00:00:00Z" } };
    expect(expiryDaysOf(body, { mda: "urn:epcglobal:cbv:mda:" })).toEqual(["2026-09-30", "2026-10-31"]);
    expect(expiryDaysOf({ ilmd: { "cbvmda:itemExpirationDate": "soon", "x:itemExpirationDate": "2026-01-01" } }, { x: "https://example.org/" })).toEqual([]);
    const own = { "@context": { own: "urn:epcglobal:cbv:mda:" }, ilmd: { "own:itemExpirationDate": "2027-01-01" } };
    expect(expiryDaysOf(own, null)).toEqual(["2027-01-01"]);
  });
});
