import { describe, expect, it } from "vitest";
import { EXCEPTION_CATALOGUE, UNKNOWN_CODE_ENTRY, catalogueEntry, catalogueToLedger, classOf } from "../../../services/model/custody/exception-catalogue.ts";
import type { CatalogueEntry } from "../../../services/model/custody/exception-catalogue.ts";
import { bytes32ToCode } from "../../../services/model/custody/identifiers.ts";

const entries = Object.entries<CatalogueEntry>(EXCEPTION_CATALOGUE);

describe("the exception catalogue", () => {
  it("names what review by exception has to name (domain reference, section 5)", () => {
    expect(Object.keys(EXCEPTION_CATALOGUE)).toEqual(
      expect.arrayContaining([
        "equipment-not-ready", "material-expired", "material-not-specified", "parameter-out-of-limit", "charge-quantity-out-of-limits",
        "filter-integrity-failed", "equipment-malfunction", "manual-entry", "instruction-voided", "out-of-specification", "operator-comment",
        "aborted-batch", "signature-missing", "genealogy-mismatch", "calibration-lapse", "audit-trail-alert", "late-entry", "phase-missing",
        "release-test-missing", "positive-late-result", "hold-time-exhausted", "shipper-not-qualified", "lane-not-qualified",
        "identity-check-missing", "label-not-printed", "label-voided", "label-reconciliation-difference", "patient-merge-conflict",
        "temperature-excursion", "tilt-excursion", "sensor-gap", "device-not-calibrated", "custody-gap", "time-limit-exceeded",
      ]),
    );
  });

  it.each(entries)("%s fits the ledger, has owners, a title and a time to react that suits its class", (code, entry) => {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(bytes32ToCode(catalogueToLedger({ [code]: entry })[0]?.code ?? "")).toBe(code);
    expect(entry.owners.length).toBeGreaterThan(0);
    expect(entry.title.length).toBeGreaterThan(10);
    expect(entry.reactWithinSeconds).toBeGreaterThan(0);
    if (entry.class === "critical") expect(entry.reactWithinSeconds).toBeLessThanOrEqual(4 * 3_600);
  });

  it("recalls for a late positive result, a critical one", () => {
    expect(entries.filter(([, { recalls }]) => recalls).map(([code]) => code)).toContain("positive-late-result");
    expect(entries.filter(([, entry]) => entry.recalls).every(([, entry]) => entry.class === "critical")).toBe(true);
  });

  it("takes what it does not know for critical and due at once, also names every object has", () => {
    for (const code of ["no-such-code", "constructor", "__proto__", ""]) expect(catalogueEntry(code)).toBe(UNKNOWN_CODE_ENTRY);
    expect([classOf("no-such-code"), UNKNOWN_CODE_ENTRY.reactWithinSeconds]).toEqual(["critical", 0]);
  });
});
