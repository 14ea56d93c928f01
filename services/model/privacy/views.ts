import { EXCEPTION_CATALOGUE } from "../custody/exception-catalogue.ts";
import type { ExceptionCode } from "../custody/exception-catalogue.ts";
import { ROLES } from "../custody/roles.ts";
import type { Role } from "../custody/roles.ts";

/**
 * What there is to see of a journey, from the least to the most telling:
 * - `milestones`: which steps and gates were reached, and when;
 * - `custody`: custody events with the fields that identify nobody, who acted, shippers and loggers;
 * - `condition`: readings' proofs, coverage, running clocks, equipment;
 * - `exceptions`: codes, classes, stages and times, and the details of transport and custody;
 * - `gates`: checks, releases, dispositions and the signatures under them;
 * - `quality`: reasons of decisions, and the details of exceptions of the batch;
 * - `content`: event bodies as they were captured;
 * - `identity`: the Chain of Identity, identifiers of the material, and details that name them.
 */
export const JOURNEY_PARTS = [
  "milestones",
  "custody",
  "condition",
  "exceptions",
  "gates",
  "quality",
  "content",
  "identity",
] as const;

export type JourneyPart = (typeof JOURNEY_PARTS)[number];

const TRANSPORT: readonly JourneyPart[] = ["milestones", "custody", "condition", "exceptions", "gates"];
const WHOLE = JOURNEY_PARTS;

/**
 * Views by duty: the minimum necessary for it (GDPR Art. 5(1)(c); 45 CFR 164.502(b)). Who collects, makes, treats and
 * certifies works under the Chain of Identity; who carries, tests or watches over does not, and a payer is told how far
 * a therapy is. An auditor holds event bodies against their commitments and so reads them.
 */
export const VIEWS: Readonly<Record<Role, readonly JourneyPart[]>> = {
  "treatment-centre": WHOLE,
  "apheresis-centre": WHOLE.filter((part) => part !== "quality"),
  "manufacturing-site": WHOLE,
  "logistics-provider": TRANSPORT,
  "qualified-person": WHOLE,
  regulator: [...TRANSPORT, "quality"],
  auditor: WHOLE,
  oracle: TRANSPORT,
  "quality-assurance": WHOLE,
  "testing-laboratory": TRANSPORT,
  payer: ["milestones"],
};

/** Whether any of these duties sees a part: an organisation with several sees what each of them does. */
export function rolesSee(roles: readonly Role[], part: JourneyPart): boolean {
  return roles.some((role) => VIEWS[role].includes(part));
}

export function rolesThatSee(part: JourneyPart): Role[] {
  return ROLES.filter((role) => VIEWS[role].includes(part));
}

/** Exceptions whose detail is of transport and custody: temperatures, times, steps, organisations. */
const OF_TRANSPORT: readonly ExceptionCode[] = [
  "temperature-excursion",
  "tilt-excursion",
  "sensor-gap",
  "device-not-enrolled",
  "device-not-calibrated",
  "hold-time-low",
  "hold-time-exhausted",
  "time-out-of-storage-exceeded",
  "shipper-not-qualified",
  "lane-not-qualified",
  "step-out-of-order",
  "custody-gap",
  "time-limit-exceeded",
  "late-entry",
  "clock-skew",
  "actor-not-authorised",
  "authority-notification-overdue",
];

/** Exceptions whose detail is of the batch: parameters, materials, equipment, results. */
const OF_BATCH: readonly ExceptionCode[] = [
  "calibration-lapse",
  "signature-invalid",
  "signature-missing",
  "equipment-not-allowed",
  "equipment-not-qualified",
  "equipment-not-ready",
  "equipment-malfunction",
  "filter-integrity-failed",
  "line-clearance-missing",
  "material-expired",
  "material-missing",
  "material-not-specified",
  "charge-quantity-out-of-limits",
  "parameter-out-of-limit",
  "parameter-missing",
  "phase-missing",
  "phase-out-of-order",
  "entry-conflict",
  "batch-record-mismatch",
  "instruction-voided",
  "manual-entry",
  "integration-failure",
  "audit-trail-alert",
  "aborted-batch",
  "out-of-specification",
  "release-test-missing",
  "positive-late-result",
];

/**
 * The part of the view that the detail of an exception belongs to. A code that is named nowhere above, one of identity
 * or one still to come, counts as naming an identity: what nobody thought of is withheld.
 */
export function partOfDetail(code: string): JourneyPart {
  if (!Object.hasOwn(EXCEPTION_CATALOGUE, code)) return "identity";
  if ((OF_TRANSPORT as readonly string[]).includes(code)) return "exceptions";
  return (OF_BATCH as readonly string[]).includes(code) ? "quality" : "identity";
}
