import { ThreadlineError } from "../errors.ts";
import type { Reading } from "./reading.ts";

/** What a leg carries, as far as its conditions are judged. Cells are what this house is for, so a leg carries them unless it says otherwise. */
export const GOODS = ["live-cells", "frozen-cells", "ambient-ancillary", "cool-ancillary"] as const;

export type Goods = (typeof GOODS)[number];

/** USP <1079>: ΔH = 83.144 kJ/mol and R = 8.3144 J/(mol·K); only their quotient in kelvin matters. */
export const ACTIVATION_ENERGY_KILOJOULES_PER_MOLE = 83.144;
export const GAS_CONSTANT_KILOJOULES_PER_MOLE_KELVIN = 8.3144e-3;
const KELVIN = ACTIVATION_ENERGY_KILOJOULES_PER_MOLE / GAS_CONSTANT_KILOJOULES_PER_MOLE_KELVIN;
const ZERO_CELSIUS_KELVIN = 273.15;
const DAY_SECONDS = 86_400;

/** Longest time one mean may speak for (USP <1079.2>): 30 days at controlled room temperature, 24 hours in the cold. */
const LONGEST_WINDOW_SECONDS: Partial<Record<Goods, number>> = {
  "ambient-ancillary": 30 * DAY_SECONDS,
  "cool-ancillary": DAY_SECONDS,
};

/** The chemistry in one number: what it is of, and over which time. */
export interface MeanKineticTemperature {
  meanKineticTemperatureCelsius: number;
  fromSeconds: number;
  toSeconds: number;
  readings: number;
}

/**
 * Mean kinetic temperature in degrees Celsius, T = (ΔH/R) / −ln(Σ e^(−ΔH/RTᵢ) / n), after USP <1079>. Each reading
 * counts for the time until the next, the last for the step before it: at equal steps this is the formula as it stands.
 * Throws `mean-kinetic-temperature-refused` for live or frozen cells and for more time than one mean may speak for,
 * `readings-missing` without a reading.
 */
export function meanKineticTemperature(readings: readonly Pick<Reading, "timeSeconds" | "temperatureCelsius">[], goods: Goods): MeanKineticTemperature {
  const longestSeconds = LONGEST_WINDOW_SECONDS[goods];
  if (longestSeconds === undefined) throw refusedForCells(goods);
  const inOrder = [...readings].sort((left, right) => left.timeSeconds - right.timeSeconds);
  const [first] = inOrder;
  const last = inOrder.at(-1);
  if (first === undefined || last === undefined)
    throw new ThreadlineError("readings-missing", "there is no reading to take a mean kinetic temperature of");
  const windowSeconds = last.timeSeconds - first.timeSeconds;
  if (windowSeconds > longestSeconds)
    throw new ThreadlineError(
      "mean-kinetic-temperature-refused",
      `the readings run over ${windowSeconds} s; for ${goods} one mean kinetic temperature speaks for ${longestSeconds} s at most (USP <1079.2>): a longer mean hides an excursion`,
      { goods, windowSeconds, longestSeconds },
    );
  return {
    meanKineticTemperatureCelsius: kineticMean(inOrder),
    fromSeconds: first.timeSeconds,
    toSeconds: last.timeSeconds,
    readings: inOrder.length,
  };
}

function refusedForCells(goods: Goods): ThreadlineError {
  return new ThreadlineError(
    "mean-kinetic-temperature-refused",
    `a mean kinetic temperature is no argument for ${goods}: it averages chemical degradation by one activation energy, while cells die by thresholds (ice, glass transition, loss of supply) that no later cold makes good. Argue with the excursion's time and the profile's limits, or with a quality decision`,
    { goods },
  );
}

function kineticMean(readings: readonly Pick<Reading, "timeSeconds" | "temperatureCelsius">[]): number {
  let weights = 0;
  let sum = 0;
  let before = 1;
  readings.forEach((reading, index) => {
    const next = readings[index + 1];
    const weight = next === undefined ? before : next.timeSeconds - reading.timeSeconds;
    before = weight;
    weights += weight;
    sum += weight * Math.exp(-KELVIN / (reading.temperatureCelsius + ZERO_CELSIUS_KELVIN));
  });
  // Readings of one and the same moment have no time between them: count them alike.
  if (weights === 0) return kineticMean(readings.map(({ temperatureCelsius }, index) => ({ temperatureCelsius, timeSeconds: index })));
  return KELVIN / -Math.log(sum / weights) - ZERO_CELSIUS_KELVIN;
}
