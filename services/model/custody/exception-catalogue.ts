import type { ExceptionClass } from "./exceptions.ts";
import { EXCEPTION_CLASSES } from "./exceptions.ts";
import { codeToBytes32 } from "./identifiers.ts";
import { bitmapToRoles, rolesToBitmap } from "./roles.ts";
import type { Role } from "./roles.ts";

/** What an exception code means; the ledger holds all of it but the title. */
export interface CatalogueEntry {
  class: ExceptionClass;
  /** Duties of those who react first. */
  owners: readonly Role[];
  /** From the moment it is raised until somebody must have reacted. */
  reactWithinSeconds: number;
  /** Whether raising it recalls what the holders of the journey have. */
  recalls: boolean;
  title: string;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const QUALITY = ["quality-assurance", "qualified-person"] as const;
const MANUFACTURE = ["manufacturing-site", "quality-assurance"] as const;
const TRANSPORT = ["logistics-provider", "quality-assurance"] as const;
const LABORATORY = ["testing-laboratory", "quality-assurance"] as const;
const BEDSIDE = ["treatment-centre", "quality-assurance"] as const;

/**
 * The exception catalogue of review by exception (ISPE; the usual catalogues of electronic batch records, and what cell
 * and gene therapies add). Critical and major ones hold a release until they are resolved or accepted. At deployment it
 * is written into `ExceptionCatalogue`, whose entries never change: a code with another meaning is another code.
 */
export const EXCEPTION_CATALOGUE = {
  // Chain of condition.
  "temperature-excursion": entry("critical", TRANSPORT, 1 * HOUR, "Temperature out of the profile's range"),
  "tilt-excursion": entry("major", TRANSPORT, 4 * HOUR, "Shipper tilted beyond its limit"),
  "sensor-gap": entry("major", TRANSPORT, 4 * HOUR, "Readings missing for longer than the profile allows"),
  "device-not-enrolled": entry("major", TRANSPORT, 4 * HOUR, "Readings of a logger that is not enrolled"),
  "device-not-calibrated": entry("major", TRANSPORT, 4 * HOUR, "Readings of a logger without calibration in force"),
  "calibration-lapse": entry("major", MANUFACTURE, 8 * HOUR, "Instrument used after its calibration ran out"),
  "hold-time-low": entry("minor", TRANSPORT, 4 * HOUR, "Hold time below what the lane still needs"),
  "hold-time-exhausted": entry("critical", TRANSPORT, 1 * HOUR, "Hold time of the dry shipper used up"),
  "time-out-of-storage-exceeded": entry("major", BEDSIDE, 1 * HOUR, "Too long out of storage"),
  "shipper-not-qualified": entry("major", TRANSPORT, 8 * HOUR, "Shipper not qualified for this use"),
  "lane-not-qualified": entry("major", TRANSPORT, 8 * HOUR, "Lane not qualified"),
  // Chain of custody.
  "step-out-of-order": entry("major", QUALITY, 8 * HOUR, "Step recorded out of the flow's order"),
  "custody-gap": entry("critical", QUALITY, 1 * HOUR, "Custody not continuous"),
  "time-limit-exceeded": entry("major", QUALITY, 4 * HOUR, "Later than the flow allows"),
  "late-entry": entry("minor", QUALITY, 7 * DAY, "Recorded long after it happened"),
  "clock-skew": entry("minor", QUALITY, 7 * DAY, "Dated ahead of the ledger's clock"),
  "actor-not-authorised": entry("major", QUALITY, 4 * HOUR, "Recorded by someone without the step's duty"),
  "signature-invalid": entry("critical", QUALITY, 1 * HOUR, "Signature does not verify"),
  "signature-missing": entry("major", MANUFACTURE, 8 * HOUR, "A signature the record needs is missing"),
  // Chain of identity.
  "identity-mismatch": entry("critical", BEDSIDE, 15 * MINUTE, "Scanned identity is not the journey's"),
  "identity-check-missing": entry("critical", BEDSIDE, 15 * MINUTE, "Identity not checked as the flow asks"),
  "label-not-printed": entry("critical", QUALITY, 1 * HOUR, "Label was never printed by the system"),
  "label-voided": entry("critical", QUALITY, 1 * HOUR, "Label was voided before it was seen"),
  "label-reconciliation-difference": entry("major", QUALITY, 8 * HOUR, "Labels printed, used and destroyed do not add up"),
  "genealogy-mismatch": entry("critical", MANUFACTURE, 1 * HOUR, "Batch genealogy leads to another donor or patient"),
  "patient-merge-conflict": entry("critical", BEDSIDE, 1 * HOUR, "Merged patient records disagree about a journey"),
  // Batch record.
  "equipment-not-allowed": entry("major", MANUFACTURE, 8 * HOUR, "Equipment that the recipe does not allow"),
  "equipment-not-qualified": entry("major", MANUFACTURE, 8 * HOUR, "Equipment not qualified at the time of use"),
  "equipment-not-ready": entry("major", MANUFACTURE, 8 * HOUR, "Equipment not ready or in the wrong status"),
  "equipment-malfunction": entry("major", MANUFACTURE, 4 * HOUR, "Equipment malfunctioned"),
  "filter-integrity-failed": entry("critical", MANUFACTURE, 4 * HOUR, "Filter integrity test failed"),
  "line-clearance-missing": entry("major", MANUFACTURE, 8 * HOUR, "Line not cleared before the batch"),
  "material-expired": entry("major", MANUFACTURE, 8 * HOUR, "Material used after its expiry"),
  "material-missing": entry("major", MANUFACTURE, 8 * HOUR, "Material of the recipe not used"),
  "material-not-specified": entry("major", MANUFACTURE, 8 * HOUR, "Material that the recipe does not name"),
  "charge-quantity-out-of-limits": entry("major", MANUFACTURE, 8 * HOUR, "Charged quantity outside its limits"),
  "parameter-out-of-limit": entry("major", MANUFACTURE, 8 * HOUR, "Critical process parameter out of its limits"),
  "parameter-missing": entry("major", MANUFACTURE, 8 * HOUR, "Critical process parameter not recorded"),
  "phase-missing": entry("critical", MANUFACTURE, 4 * HOUR, "Phase of the recipe missing or not completed"),
  "phase-out-of-order": entry("major", MANUFACTURE, 8 * HOUR, "Phase out of the recipe's order"),
  "entry-conflict": entry("major", MANUFACTURE, 8 * HOUR, "Batch record says two things under one entry"),
  "batch-record-mismatch": entry("major", LABORATORY, 8 * HOUR, "Laboratory signed another batch record"),
  "instruction-voided": entry("major", MANUFACTURE, 8 * HOUR, "Instruction forced, bypassed or voided"),
  "manual-entry": entry("minor", MANUFACTURE, 7 * DAY, "Entered by hand instead of by the interface"),
  "integration-failure": entry("minor", MANUFACTURE, 1 * DAY, "A connected system did not answer"),
  "audit-trail-alert": entry("major", QUALITY, 1 * DAY, "Audit trail shows what needs an explanation"),
  "operator-comment": entry("informational", MANUFACTURE, 30 * DAY, "An operator left a comment"),
  "aborted-batch": entry("critical", MANUFACTURE, 4 * HOUR, "Batch aborted"),
  // Release tests and disposition.
  "out-of-specification": entry("critical", LABORATORY, 4 * HOUR, "Result outside its acceptance criterion"),
  "release-test-missing": entry("major", LABORATORY, 1 * DAY, "Mandatory release test missing"),
  "positive-late-result": recalling("critical", LABORATORY, 15 * MINUTE, "Late result positive after release"),
  "authority-notification-overdue": entry("major", QUALITY, 1 * HOUR, "Authority not notified in time"),
} as const satisfies Record<string, CatalogueEntry>;

export type ExceptionCode = keyof typeof EXCEPTION_CATALOGUE;

/** What the ledger answers for a code that is not in its catalogue. */
export const UNKNOWN_CODE_ENTRY: CatalogueEntry = {
  class: "critical",
  owners: bitmapToRoles(rolesToBitmap(QUALITY)),
  reactWithinSeconds: 0,
  recalls: false,
  title: "Not in the catalogue",
};

/** The entry of any code; one that is not in the catalogue counts as critical and is due at once. */
export function catalogueEntry(code: string): CatalogueEntry {
  const catalogue: Readonly<Record<string, CatalogueEntry>> = EXCEPTION_CATALOGUE;
  return Object.hasOwn(catalogue, code) ? (catalogue[code] ?? UNKNOWN_CODE_ENTRY) : UNKNOWN_CODE_ENTRY;
}

export function classOf(code: string): ExceptionClass {
  return catalogueEntry(code).class;
}

/** Entries as `ExceptionCatalogue` takes them, in their order. */
export function catalogueToLedger(catalogue: Readonly<Record<string, CatalogueEntry>>) {
  return Object.entries(catalogue).map(([code, { class: exceptionClass, owners, reactWithinSeconds, recalls }]) => ({
    code: codeToBytes32(code),
    class: EXCEPTION_CLASSES.indexOf(exceptionClass),
    ownerDuties: rolesToBitmap(owners),
    reactWithinSeconds,
    recalls,
  }));
}

function entry(exceptionClass: ExceptionClass, owners: readonly Role[], reactWithinSeconds: number, title: string): CatalogueEntry {
  return { class: exceptionClass, owners, reactWithinSeconds, recalls: false, title };
}

function recalling(...parts: Parameters<typeof entry>): CatalogueEntry {
  return { ...entry(...parts), recalls: true };
}
