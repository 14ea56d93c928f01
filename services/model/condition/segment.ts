import { ThreadlineError } from "../errors.ts";
import { isFieldElement } from "../field.ts";
import { poseidonChain } from "./poseidon.ts";
import { READINGS_PER_SEGMENT } from "./profile.ts";

/** A reading inside a segment: the units of the circuit. */
export interface SegmentReading {
  /** 16 bits. */
  temperatureCentikelvin: number;
  /** 0..180, or 255 when not measured. */
  tiltDegrees: number;
  /** 0..255 ticks since the reading before; 0 for a chain's first. */
  stepTicks: number;
}

/** A run of readings that is signed and proven as one. */
export interface Segment {
  /** Chain, contract, journey and leg, see `segmentContext`. */
  context: bigint;
  /** Time of the reading before this segment, or of the first reading of a chain; 32 bits. */
  fromTick: number;
  /** 1 to `READINGS_PER_SEGMENT` readings. */
  readings: SegmentReading[];
  /** 248 random bits of the device; hides the readings behind their commitment. */
  salt: bigint;
}

const READINGS_PER_ELEMENT = 7;
const READING_BITS = 33n;

/** Time of the last reading. */
export function segmentToTick(segment: Pick<Segment, "fromTick" | "readings">): number {
  return segment.readings.reduce((tick, reading) => tick + reading.stepTicks, segment.fromTick);
}

/** Readings in the circuit's fixed number: unused places repeat the last reading with step 0. */
export function padReadings(readings: readonly SegmentReading[]): SegmentReading[] {
  const last = readings.at(-1);
  if (last === undefined || readings.length > READINGS_PER_SEGMENT)
    throw new ThreadlineError("segment-invalid", `a segment has 1 to ${READINGS_PER_SEGMENT} readings, not ${readings.length}`, { readings: readings.length });
  return Array.from({ length: READINGS_PER_SEGMENT }, (_, index) => readings[index] ?? { ...last, stepTicks: 0 });
}

/**
 * The Poseidon commitment the device signs; twin of circuits/lib/readings-commitment.circom.
 * Throws `segment-invalid` for values that do not fit their slots.
 */
export function readingsCommitment(segment: Segment): bigint {
  assertSegment(segment);
  const padded = padReadings(segment.readings);
  const elements: bigint[] = [];
  for (let start = 0; start < padded.length; start += READINGS_PER_ELEMENT)
    elements.push(
      padded
        .slice(start, start + READINGS_PER_ELEMENT)
        .reduce((packed, reading, place) => packed | (packReading(reading) << (READING_BITS * BigInt(place))), 0n),
    );
  return poseidonChain([segment.context, BigInt(segment.fromTick), segment.salt, ...elements]);
}

function packReading(reading: SegmentReading): bigint {
  return BigInt(reading.temperatureCentikelvin) | (BigInt(reading.tiltDegrees) << 17n) | (BigInt(reading.stepTicks) << 25n);
}

/** Throws `segment-invalid`, naming the value, unless every part of a segment is within its bits. */
export function assertSegment(segment: Segment): void {
  const refuse = (what: string, value: unknown): never => {
    throw new ThreadlineError("segment-invalid", `${what} is ${String(value)}, which does not fit`, { what, value: String(value) });
  };
  if (!isFieldElement(segment.context)) refuse("context", segment.context);
  if (segment.salt < 0n || segment.salt >> 248n !== 0n) refuse("salt", segment.salt);
  padReadings(segment.readings);
  segment.readings.forEach((reading, index) => {
    if (!isUnsigned(reading.temperatureCentikelvin, 16)) refuse(`readings[${index}].temperatureCentikelvin`, reading.temperatureCentikelvin);
    if (!isUnsigned(reading.tiltDegrees, 8)) refuse(`readings[${index}].tiltDegrees`, reading.tiltDegrees);
    if (!isUnsigned(reading.stepTicks, 8)) refuse(`readings[${index}].stepTicks`, reading.stepTicks);
  });
  if (!isUnsigned(segment.fromTick, 32) || !isUnsigned(segmentToTick(segment), 32)) refuse("fromTick", segment.fromTick);
}

function isUnsigned(value: number, bits: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** bits;
}
