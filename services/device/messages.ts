import { z } from "zod";
import { READINGS_PER_SEGMENT, conditionProfileSchema } from "../model/condition/index.ts";
import type { Reading, Segment, SegmentSignature } from "../model/condition/index.ts";

/** Readings one message may carry. */
export const LARGEST_READINGS_MESSAGE = 1_000;

const giai = z.string().min(1).max(30);
const keyEpoch = z.int().min(1).max(0x7fff_ffff);
const sequence = z.int().min(1).max(Number.MAX_SAFE_INTEGER);
const journeyId = z.string().regex(/^0x[0-9a-f]{64}$/, "a journey id is 0x and 64 lower-case hexadecimal digits");
const leg = z.int().min(0).max(15);
const decimal = z.string().regex(/^(0|[1-9]\d{0,77})$/, "a decimal integer without sign or leading zero");
const point = z.tuple([decimal, decimal]);

const wireReading = z.strictObject({
  /** RFC 3339. */
  time: z.iso.datetime({ offset: true }),
  temperatureCelsius: z.number().min(-273.15).max(382.2),
  tiltDegrees: z.number().min(0).max(180).nullable(),
});

/** Readings for live watching. One sequence counter per device and key epoch runs over both kinds of message. */
export const readingsMessageSchema = z.strictObject({
  type: z.literal("readings"),
  giai,
  keyEpoch,
  sequence,
  readings: z.array(wireReading).min(1).max(LARGEST_READINGS_MESSAGE),
});

/** A sealed segment; a reading is [temperature in centikelvin, tilt in degrees (255: not measured), step in ticks]. */
export const segmentMessageSchema = z.strictObject({
  type: z.literal("segment"),
  giai,
  keyEpoch,
  sequence,
  journeyId,
  leg,
  fromTick: z.int().min(0).max(0xffff_ffff),
  readings: z
    .array(z.tuple([z.int().min(0).max(0xffff), z.int().min(0).max(255), z.int().min(0).max(255)]))
    .min(1)
    .max(READINGS_PER_SEGMENT),
  salt: decimal,
  signature: z.strictObject({ R8: point, S: decimal }),
});

export const deviceMessageSchema = z.discriminatedUnion("type", [readingsMessageSchema, segmentMessageSchema]);

export type ReadingsMessage = z.output<typeof readingsMessageSchema>;
export type SegmentMessage = z.output<typeof segmentMessageSchema>;
export type DeviceMessage = z.output<typeof deviceMessageSchema>;

/** Says that one message is durably stored. */
export const receiptSchema = z.strictObject({ keyEpoch, sequence });

export type Receipt = z.output<typeof receiptSchema>;

/** The leg a device watches. `context` binds segments to chain, contract, journey and leg. */
export const assignmentSchema = z.strictObject({
  journeyId,
  leg,
  context: decimal,
  profile: conditionProfileSchema,
  timeUnitSeconds: z.int().min(1),
  readingsPerSegment: z.int().min(2).max(READINGS_PER_SEGMENT),
});

export type Assignment = z.output<typeof assignmentSchema>;

export function readingToWire(reading: Reading): ReadingsMessage["readings"][number] {
  return {
    time: new Date(reading.timeSeconds * 1000).toISOString(),
    temperatureCelsius: reading.temperatureCelsius,
    tiltDegrees: reading.tiltDegrees,
  };
}

export function readingFromWire(reading: ReadingsMessage["readings"][number]): Reading {
  const { time, temperatureCelsius, tiltDegrees } = reading;
  return { timeSeconds: Date.parse(time) / 1000, temperatureCelsius, tiltDegrees };
}

/** The segment and signature a message carries, under the context of the leg it names. */
export function segmentFromMessage(message: SegmentMessage, context: bigint): { segment: Segment; signature: SegmentSignature } {
  const { fromTick, salt, signature } = message;
  const readings = message.readings.map(([temperatureCentikelvin, tiltDegrees, stepTicks]) => ({ temperatureCentikelvin, tiltDegrees, stepTicks }));
  return {
    segment: { context, fromTick, readings, salt: BigInt(salt) },
    signature: { R8: [BigInt(signature.R8[0]), BigInt(signature.R8[1])], S: BigInt(signature.S) },
  };
}

/** What a message carries of a segment and its signature. */
export function segmentToWire(segment: Segment, signature: SegmentSignature): Pick<SegmentMessage, "fromTick" | "readings" | "salt" | "signature"> {
  return {
    fromTick: segment.fromTick,
    readings: segment.readings.map((reading) => [reading.temperatureCentikelvin, reading.tiltDegrees, reading.stepTicks]),
    salt: segment.salt.toString(),
    signature: { R8: [signature.R8[0].toString(), signature.R8[1].toString()], S: signature.S.toString() },
  };
}
