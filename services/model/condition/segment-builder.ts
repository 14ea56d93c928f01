import { ThreadlineError } from "../errors.ts";
import { LONGEST_STEP_TICKS, READINGS_PER_SEGMENT, profileLimits, toTicks } from "./profile.ts";
import type { ConditionProfile } from "./profile.ts";
import { encodeTemperature, encodeTilt } from "./reading.ts";
import type { Reading } from "./reading.ts";
import { segmentToTick } from "./segment.ts";
import type { Segment, SegmentReading } from "./segment.ts";

export interface SegmentBuilderConfig {
  profile: ConditionProfile;
  context: bigint;
  /** Draws 248 random bits for each segment. */
  salt: () => bigint;
  /** Readings after which a segment is sealed; the circuit's size unless told. */
  readingsPerSegment?: number;
}

/** A closed segment, ready to be signed. `startsChain`: it continues no other, so its proof starts from the genesis state. */
export interface SealedSegment {
  segment: Segment;
  startsChain: boolean;
  toTick: number;
}

/** A gap longer than the profile's limit; the chain of proofs ends before it and a new one starts after. */
export interface ChainGap {
  fromSeconds: number;
  toSeconds: number;
  gapSeconds: number;
}

export interface AddedReading {
  sealed: SealedSegment[];
  gap: ChainGap | null;
}

export interface SegmentBuilder {
  /** Takes the next reading. Throws `reading-out-of-order` when its time is before the last one's. */
  add(reading: Reading): AddedReading;
  /** Closes the open segment, if it has readings. */
  seal(): SealedSegment | null;
}

/** Cuts a stream of readings into segments that continue one another. Pure but for its own position in the stream. */
export function createSegmentBuilder(config: SegmentBuilderConfig): SegmentBuilder {
  const limits = profileLimits(config.profile);
  const longestStep = Math.min(limits.longestGapTicks, LONGEST_STEP_TICKS);
  const size = config.readingsPerSegment ?? READINGS_PER_SEGMENT;
  let fromTick = 0;
  let readings: SegmentReading[] = [];
  let startsChain = true;
  let last: { tick: number; seconds: number } | null = null;

  function seal(): SealedSegment | null {
    if (readings.length === 0) return null;
    const segment: Segment = { context: config.context, fromTick, readings, salt: config.salt() };
    const sealed = { segment, startsChain, toTick: segmentToTick(segment) };
    fromTick = sealed.toTick;
    readings = [];
    startsChain = false;
    return sealed;
  }

  function add(reading: Reading): AddedReading {
    const tick = toTicks(reading.timeSeconds, limits.unitSeconds);
    const values = { temperatureCentikelvin: encodeTemperature(reading.temperatureCelsius), tiltDegrees: encodeTilt(reading.tiltDegrees) };
    if (last !== null && reading.timeSeconds < last.seconds)
      throw new ThreadlineError("reading-out-of-order", `a reading of ${reading.timeSeconds} s came after one of ${last.seconds} s; sort readings by time`, {
        timeSeconds: reading.timeSeconds,
        lastSeconds: last.seconds,
      });
    const sealed: SealedSegment[] = [];
    let gap: ChainGap | null = null;
    if (last !== null && tick - last.tick > longestStep) {
      gap = { fromSeconds: last.seconds, toSeconds: reading.timeSeconds, gapSeconds: reading.timeSeconds - last.seconds };
      sealed.push(...[seal()].filter((segment) => segment !== null));
      last = null;
    }
    if (last === null) {
      startsChain = true;
      fromTick = tick;
    }
    readings.push({ ...values, stepTicks: last === null ? 0 : tick - last.tick });
    last = { tick, seconds: reading.timeSeconds };
    if (readings.length >= size) sealed.push(...[seal()].filter((segment) => segment !== null));
    return { sealed, gap };
  }

  return { add, seal };
}

/** All segments and gaps of a finished series of readings. */
export function buildSegments(readings: Iterable<Reading>, config: SegmentBuilderConfig): { segments: SealedSegment[]; gaps: ChainGap[] } {
  const builder = createSegmentBuilder(config);
  const segments: SealedSegment[] = [];
  const gaps: ChainGap[] = [];
  for (const reading of readings) {
    const { sealed, gap } = builder.add(reading);
    segments.push(...sealed);
    if (gap !== null) gaps.push(gap);
  }
  const rest = builder.seal();
  if (rest !== null) segments.push(rest);
  return { segments, gaps };
}
