import type { Breach } from "../model/condition/index.ts";
import type { NewException } from "../store/exception-details.ts";
import type { LegShipper } from "../store/leg-shippers.ts";
import type { AssignedLeg } from "./leg-directory.ts";
import type { Calibration } from "./leg-watch.ts";
import type { RefusalReason, Refused } from "./message-verification.ts";

/** The exceptions of the edge. `key` says what makes two sightings the same exception. */

export function excursionException(leg: AssignedLeg, breach: Breach): NewException {
  const isTemperature = breach.kind === "temperature-excursion";
  const { minimumTemperatureCelsius, maximumTemperatureCelsius, tiltLimitDegrees } = leg.profile;
  const range = isTemperature ? `outside ${minimumTemperatureCelsius} to ${maximumTemperatureCelsius} degrees Celsius` : `beyond ${tiltLimitDegrees} degrees from vertical`;
  const worst = breach.worst === null ? "" : `, at worst ${breach.worst} degrees${isTemperature ? " Celsius" : ""}`;
  return {
    journeyId: leg.journeyId,
    code: breach.kind,
    leg: leg.leg,
    occurredAt: breach.atSeconds,
    observed: seconds(breach.observedSeconds),
    limit: breach.limitSeconds,
    unit: "seconds",
    message: `${seconds(breach.observedSeconds)} s ${range}${worst}; the leg's budget is ${breach.limitSeconds} s`,
    key: `leg:${leg.leg}`,
  };
}

/** A gap is known by where it begins, whoever finds it: a reading after it, the clock, or the leg's end. */
export function gapException(leg: AssignedLeg, fromSeconds: number, gapSeconds: number): NewException {
  return {
    journeyId: leg.journeyId,
    code: "sensor-gap",
    leg: leg.leg,
    occurredAt: fromSeconds,
    observed: seconds(gapSeconds),
    limit: leg.profile.longestGapSeconds,
    unit: "seconds",
    message: `no reading of ${leg.giai} for ${seconds(gapSeconds)} s from ${new Date(fromSeconds * 1000).toISOString()}; the longest gap allowed is ${leg.profile.longestGapSeconds} s`,
    key: `leg:${leg.leg}:from:${Math.round(fromSeconds * 1000)}`,
  };
}

/** Messages that never came: what they held is not known, so it counts as missing. */
export function holeException(leg: AssignedLeg, hole: { keyEpoch: number; firstMissing: number; missing: number; occurredAt: number }): NewException {
  const last = hole.firstMissing + hole.missing - 1;
  return {
    journeyId: leg.journeyId,
    code: "sensor-gap",
    leg: leg.leg,
    occurredAt: hole.occurredAt,
    observed: hole.missing,
    limit: 0,
    unit: "messages",
    message: `messages ${hole.firstMissing} to ${last} of ${leg.giai} (key epoch ${hole.keyEpoch}) did not arrive`,
    key: `messages:${leg.giai}:${hole.keyEpoch}:${hole.firstMissing}`,
  };
}

export function calibrationException(leg: AssignedLeg, atSeconds: number, calibration: Calibration): NewException {
  const { calibratedFrom, calibratedUntil } = calibration;
  const limit = `${new Date(calibratedFrom * 1000).toISOString()}/${new Date(calibratedUntil * 1000).toISOString()}`;
  const observed = new Date(atSeconds * 1000).toISOString();
  return {
    journeyId: leg.journeyId,
    code: "device-not-calibrated",
    leg: leg.leg,
    occurredAt: atSeconds,
    observed,
    limit,
    unit: "time",
    message: `a reading of ${leg.giai} at ${observed} is outside its calibration ${limit}`,
    key: `leg:${leg.leg}:${leg.giai}`,
  };
}

/** Nothing is left of a shipper's hold time: the cells warm from then on. */
export function holdTimeExhaustedException(leg: AssignedLeg, shipper: LegShipper, exhaustedAt: number): NewException {
  const limit = shipper.holdTime?.nominalHoldSeconds ?? 0;
  return {
    journeyId: leg.journeyId,
    code: "hold-time-exhausted",
    leg: leg.leg,
    occurredAt: exhaustedAt,
    observed: exhaustedAt - shipper.chargedAt,
    limit,
    unit: "seconds",
    message: `the hold time of ${shipper.grai ?? "the shipper"} was used up at ${new Date(exhaustedAt * 1000).toISOString()}, ${exhaustedAt - shipper.chargedAt} s after its charge; upright it lasts ${limit} s`,
    key: holdTimeKey(leg, shipper),
  };
}

/** Less is left than the way ahead and the lane's reserve ask for. */
export function holdTimeLowException(leg: AssignedLeg, shipper: LegShipper, low: { at: number; remainingSeconds: number; neededSeconds: number }): NewException {
  return {
    journeyId: leg.journeyId,
    code: "hold-time-low",
    leg: leg.leg,
    occurredAt: low.at,
    observed: seconds(low.remainingSeconds),
    limit: seconds(low.neededSeconds),
    unit: "seconds",
    message: `${seconds(low.remainingSeconds)} s of hold time are left in ${shipper.grai ?? "the shipper"}; lane "${shipper.lane ?? ""}" asks for ${seconds(low.neededSeconds)} s at this point: recharge it, or hurry`,
    key: holdTimeKey(leg, shipper),
  };
}

/** The leg began in no shipper that anybody named; `first` is the one that came later, if one did. */
export function shipperMissingException(leg: AssignedLeg, startedAt: number, first: LegShipper | undefined): NewException {
  return {
    journeyId: leg.journeyId,
    code: "shipper-not-qualified",
    leg: leg.leg,
    occurredAt: startedAt,
    observed: first === undefined ? "no shipper" : `no shipper before ${new Date(first.assignedAt * 1000).toISOString()}`,
    limit: "a qualified shipper over a qualified lane",
    unit: "qualification",
    message: `the leg started at ${new Date(startedAt * 1000).toISOString()} and nobody said which shipper it went in then`,
    key: `leg:${leg.leg}:missing`,
  };
}

function holdTimeKey(leg: AssignedLeg, shipper: LegShipper): string {
  return `leg:${leg.leg}:${shipper.grai ?? ""}:${shipper.assignedAt}`;
}

const SIGNATURE_FAULTS: ReadonlySet<RefusalReason> = new Set(["signature-missing", "header-invalid", "algorithm-refused", "key-mismatch", "signature-invalid", "sequence-conflict"]);

/** Forged messages are counted one by one as dead letters, and flagged once an hour, lest a flood fill the ledger. */
const FLAGGED_ONCE_PER_MILLISECONDS = 3_600_000;

/** What a refused message means for the leg its device is on; null when it only is a dead letter. */
export function refusalException(leg: AssignedLeg, refused: Refused, atMilliseconds: number): NewException | null {
  const common = { journeyId: leg.journeyId, leg: leg.leg, occurredAt: atMilliseconds / 1000, unit: "message" };
  if (refused.reason === "device-not-enrolled")
    return { ...common, code: "device-not-enrolled", observed: leg.giai, limit: "an enrolled device", message: refused.detail, key: `leg:${leg.leg}:${leg.giai}` };
  if (!SIGNATURE_FAULTS.has(refused.reason)) return null;
  const window = refused.reason === "sequence-conflict" ? refused.detail : Math.floor(atMilliseconds / FLAGGED_ONCE_PER_MILLISECONDS);
  return {
    ...common,
    code: "signature-invalid",
    observed: refused.reason,
    limit: "signed by the enrolled device",
    message: `a message on the topic of ${leg.giai} was refused: ${refused.detail}`,
    key: `leg:${leg.leg}:${leg.giai}:${refused.reason}:${window}`,
  };
}

function seconds(value: number): number {
  return Math.round(value * 1000) / 1000;
}
