import { measurement } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import { startBenchNetwork } from "./bench-network.ts";

const DEVICES = 8;
const READINGS_PER_DEVICE = 3_000;
const RUNS = 3;

/** Readings from MQTT to the receipt that says they are durably stored: ten readings a signed message, no leg assigned. */
export async function benchTelemetry(): Promise<Measurement[]> {
  const bench = await startBenchNetwork();
  try {
    const devices = await Promise.all(Array.from({ length: DEVICES }, (_, number) => bench.connectDevice(number)));
    const rates: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const started = performance.now();
      await Promise.all(
        devices.map(async ({ client }) => {
          const first = 1_780_000_000 + run * READINGS_PER_DEVICE * 60;
          const readings = Array.from({ length: READINGS_PER_DEVICE }, (_, place) => ({ timeSeconds: first + place * 60, temperatureCelsius: 5, tiltDegrees: 2 }));
          await client.publishReadings(readings);
          await client.drained(300);
        }),
      );
      rates.push((DEVICES * READINGS_PER_DEVICE) / ((performance.now() - started) / 1000));
    }
    await Promise.all(devices.map(({ client }) => client.close()));
    return [measurement("readings-per-second", `MQTT to receipt, ${DEVICES} loggers, ten readings a message, signing included`, "readings/s", rates, { atLeast: 3_000 })];
  } finally {
    await bench.close();
  }
}
