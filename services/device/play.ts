import { setTimeout as sleep } from "node:timers/promises";
import type { Reading } from "../model/condition/index.ts";
import type { LegChoice } from "./assignment-watch.ts";
import type { DeviceClient } from "./device-client.ts";

export interface PlayConfig {
  client: DeviceClient;
  /** In the order of their times. */
  readings: readonly Reading[];
  /** Seconds of the recording played per second; as fast as the bridge takes them when left out. */
  speed?: number;
  /** Leg to wait for before the first reading; any when left out. */
  assignment?: LegChoice;
  assignmentTimeoutSeconds?: number;
  /** Longest wait for the last receipts. */
  drainTimeoutSeconds?: number;
  onProgress?: (played: number, total: number) => void;
}

/** Readings handed over at once when there is no speed to keep. */
const HANDFUL = 200;

/**
 * Plays a recorded series through a device client: waits for the assignment, publishes, seals the last segment and waits
 * for every receipt. Readings a resumed client already has are skipped. Returns how many were published.
 */
export async function playReadings(config: PlayConfig): Promise<{ published: number; skipped: number }> {
  const { client, speed, onProgress } = config;
  await client.assignment({ ...config.assignment, timeoutSeconds: config.assignmentTimeoutSeconds ?? 30 });
  const resumeAfter = client.lastReadingSeconds();
  const readings = resumeAfter === null ? config.readings : config.readings.filter((reading) => reading.timeSeconds > resumeAfter);
  const skipped = config.readings.length - readings.length;
  const first = readings[0]?.timeSeconds ?? 0;
  const startedAt = Date.now();
  for (let place = 0; place < readings.length; ) {
    const handful = readings.slice(place, place + (speed === undefined ? HANDFUL : 1));
    if (speed !== undefined) {
      const due = startedAt + (((handful[0]?.timeSeconds ?? first) - first) / speed) * 1000;
      if (due > Date.now()) await sleep(due - Date.now());
    }
    await client.publishReadings(handful);
    place += handful.length;
    onProgress?.(place + skipped, config.readings.length);
  }
  await client.seal();
  await client.drained(config.drainTimeoutSeconds ?? 60);
  return { published: readings.length, skipped };
}
