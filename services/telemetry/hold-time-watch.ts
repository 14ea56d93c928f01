import { burnHoldTime, holdTimeAtCharge, holdTimeEndsAt, holdTimeNeeded, holdTimeRemaining } from "../model/condition/index.ts";
import type { HoldTime, HoldTimeState, Reading } from "../model/condition/index.ts";
import type { NewException } from "../store/exception-details.ts";
import type { LegShipper } from "../store/leg-shippers.ts";
import { holdTimeExhaustedException, holdTimeLowException, shipperMissingException } from "./exceptions.ts";
import type { AssignedLeg } from "./leg-directory.ts";

/** Counts down the hold time of a leg's shippers by the logger's tilt, each from its charge to the next one's assignment. */
export interface HoldTimeWatch {
  /** Takes a reading in the device's order; returns what is low or gone, which the caller records once. */
  feed(leg: AssignedLeg, reading: Reading): NewException[];
  /** What the leg's end shows: hold time gone since the last reading, or no shipper from its start on. */
  end(leg: AssignedLeg, endedAt: number): NewException[];
}

interface Held {
  shipper: LegShipper;
  holdTime: HoldTime;
  until: number;
  state: HoldTimeState;
}

export function createHoldTimeWatch(shippers: readonly LegShipper[]): HoldTimeWatch {
  const held: Held[] = shippers.flatMap((shipper) => {
    const { holdTime, chargedAt, assignedAt } = shipper;
    const until = shippers.find((other) => other.assignedAt > assignedAt)?.assignedAt ?? Infinity;
    return holdTime === null ? [] : [{ shipper, holdTime, until, state: holdTimeAtCharge(chargedAt) }];
  });

  function judge(leg: AssignedLeg, { shipper, holdTime, state }: Held, atSeconds: number): NewException[] {
    const remainingSeconds = holdTimeRemaining(holdTime, state, atSeconds);
    if (remainingSeconds === 0) return [holdTimeExhaustedException(leg, shipper, Math.floor(holdTimeEndsAt(holdTime, state)))];
    if (shipper.lanePlan === null) return [];
    const neededSeconds = holdTimeNeeded(shipper.lanePlan, atSeconds - shipper.assignedAt);
    return remainingSeconds < neededSeconds ? [holdTimeLowException(leg, shipper, { at: atSeconds, remainingSeconds, neededSeconds })] : [];
  }

  return {
    feed: (leg, reading) =>
      held.flatMap((entry) => {
        if (reading.timeSeconds < entry.shipper.chargedAt || reading.timeSeconds > entry.until) return [];
        entry.state = burnHoldTime(entry.holdTime, entry.state, reading);
        return judge(leg, entry, entry.state.lastSeconds);
      }),
    end: (leg, endedAt) => {
      const [first] = shippers;
      const startedAt = leg.startedAt ?? endedAt;
      const isLate = first === undefined || first.assignedAt > startedAt + leg.handoverToleranceSeconds;
      const missing = leg.wantsShipper && isLate ? [shipperMissingException(leg, startedAt, first)] : [];
      return [...missing, ...held.flatMap((entry) => judge(leg, entry, Math.min(endedAt, entry.until)))];
    },
  };
}
