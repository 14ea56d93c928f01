import type { Kysely } from "kysely";
import { z } from "zod";
import type { Reading } from "../model/condition/index.ts";
import type { Database } from "./schema.ts";

/** The part of a stored readings message that is read here; the message was verified when it came. */
const storedReadings = z.object({
  readings: z.array(z.object({ time: z.string(), temperatureCelsius: z.number(), tiltDegrees: z.number().nullable() })),
});

/** Readings stored for a leg, in the order of time, each moment once. */
export async function readingsOfLeg(database: Kysely<Database>, journeyId: string, leg: number): Promise<Reading[]> {
  const rows = await database
    .selectFrom("telemetry_messages")
    .select("body")
    .where("journey_id", "=", journeyId)
    .where("leg", "=", leg)
    .where("kind", "=", "readings")
    .orderBy("first_time")
    .orderBy("sequence")
    .execute();
  const readings = new Map<number, Reading>();
  for (const { body } of rows)
    for (const { time, temperatureCelsius, tiltDegrees } of payloadOf(body).readings) {
      const timeSeconds = Date.parse(time) / 1000;
      if (!readings.has(timeSeconds)) readings.set(timeSeconds, { timeSeconds, temperatureCelsius, tiltDegrees });
    }
  return [...readings.values()].sort((left, right) => left.timeSeconds - right.timeSeconds);
}

/** Payload of a compact JSON Web Signature. */
function payloadOf(body: string): z.output<typeof storedReadings> {
  return storedReadings.parse(JSON.parse(Buffer.from(body.split(".")[1] ?? "", "base64url").toString("utf8")));
}
