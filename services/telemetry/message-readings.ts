import { readingFromWire } from "../device/index.ts";
import type { DeviceMessage } from "../device/index.ts";
import { TILT_NOT_MEASURED, decodeTemperature, profileLimits } from "../model/condition/index.ts";
import type { ConditionProfile, Reading } from "../model/condition/index.ts";

/** Readings a message carries, in the order of their times. A segment's times are its ticks, a profile's unit apart. */
export function readingsOf(message: DeviceMessage, profile: ConditionProfile | null): Reading[] {
  if (message.type === "readings") return message.readings.map(readingFromWire).sort((left, right) => left.timeSeconds - right.timeSeconds);
  if (profile === null) return [];
  const { unitSeconds } = profileLimits(profile);
  let tick = message.fromTick;
  return message.readings.map(([centikelvin, tilt, step]) => {
    tick += step;
    return {
      timeSeconds: tick * unitSeconds,
      temperatureCelsius: decodeTemperature(centikelvin),
      tiltDegrees: tilt === TILT_NOT_MEASURED ? null : tilt,
    };
  });
}
