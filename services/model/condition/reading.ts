import { ThreadlineError } from "../errors.ts";

/** Code of a tilt that was not measured. */
export const TILT_NOT_MEASURED = 255;

const ZERO_CELSIUS_CENTIKELVIN = 27_315;
const HIGHEST_CENTIKELVIN = 0xffff;

/** One measurement of a data logger; time in seconds since the Unix epoch, tilt in degrees from vertical or null. */
export interface Reading {
  timeSeconds: number;
  temperatureCelsius: number;
  tiltDegrees: number | null;
}

/**
 * Degrees Celsius as unsigned centikelvin, rounded to 0.01 half away from zero, decimal digits as written.
 * Throws `temperature-invalid` for what is no number or does not fit 16 bits (-273.15 to 382.20 degrees).
 */
export function encodeTemperature(celsius: number): number {
  if (!Number.isFinite(celsius))
    throw new ThreadlineError("temperature-invalid", `${celsius} is no temperature; send a finite number of degrees Celsius`, { celsius });
  const centikelvin = celsiusToCentikelvin(celsius);
  if (centikelvin < 0 || centikelvin > HIGHEST_CENTIKELVIN)
    throw new ThreadlineError("temperature-invalid", `${celsius} degrees Celsius is not between -273.15 and 382.20`, { celsius });
  return centikelvin;
}

/** The inverse of `encodeTemperature`, exact to 0.01. */
export function decodeTemperature(centikelvin: number): number {
  return (centikelvin - ZERO_CELSIUS_CENTIKELVIN) / 100;
}

/** Centikelvin without range check; scaling the written decimals keeps 1.005 from becoming 1.00499. */
export function celsiusToCentikelvin(celsius: number): number {
  const magnitude = Math.abs(celsius);
  const hundredths = magnitude < 1e-5 || magnitude >= 1e15 ? magnitude * 100 : Number(`${magnitude}e2`);
  return Math.sign(celsius) * Math.round(hundredths) + ZERO_CELSIUS_CENTIKELVIN;
}

/**
 * Degrees from vertical as a whole number, rounded up: against a whole limit the verdict is that of the exact tilt.
 * null becomes 255. Throws `tilt-invalid` outside 0 to 180.
 */
export function encodeTilt(degrees: number | null): number {
  if (degrees === null) return TILT_NOT_MEASURED;
  if (!(degrees >= 0 && degrees <= 180))
    throw new ThreadlineError("tilt-invalid", `a tilt of ${degrees} degrees is not between 0 and 180; send null when it was not measured`, { degrees });
  return Math.ceil(degrees);
}
