import { createConditionMonitor } from "../../model/condition/index.ts";
import { legNumber, profileOfLeg } from "../../model/custody/flow.ts";
import { createDeviceClient } from "../../device/device-client.ts";
import type { DeviceClient } from "../../device/device-client.ts";
import { createDeviceKeys } from "../../device/device-keys.ts";
import type { DeviceKeys } from "../../device/device-keys.ts";
import type { ApiClient } from "../api-client.ts";
import type { JourneyFolder, JourneyReadings } from "./folder.ts";
import { glnOf } from "./parties.ts";
import { pause } from "./waiting.ts";

const READINGS_PER_MESSAGE = 10;
const DRAIN_SECONDS = 120;
const DEAD_LETTER_MILLISECONDS = 1_000;

export interface Logger {
  client: DeviceClient;
  enrolled: boolean;
}

/** Loggers of a folder, each one client for the whole journey: its sequence numbers run over all its legs. */
export function createLoggers(folder: JourneyFolder, network: { mqttUrl: string; deviceToken(giai: string): string }, keys: Map<string, DeviceKeys>) {
  const loggers = new Map<string, Logger>();
  return {
    of(giai: string): Logger {
      const known = loggers.get(giai);
      if (known !== undefined) return known;
      const enrolled = folder.description.devices.find((device) => device.giai === giai);
      const logger = {
        enrolled: enrolled !== undefined,
        client: createDeviceClient({
          brokerUrl: network.mqttUrl,
          giai,
          ownerGln: glnOf(folder, enrolled?.owner),
          keys: keys.get(giai) ?? createDeviceKeys(),
          keyEpoch: 1,
          username: giai,
          password: network.deviceToken(giai),
          readingsPerMessage: READINGS_PER_MESSAGE,
        }),
      };
      loggers.set(giai, logger);
      return logger;
    },
    close: () => Promise.all([...loggers.values()].map(({ client }) => client.close())),
  };
}

/** Streams a leg's readings; returns when the first reading over a budget was published, if one was. */
export async function playLeg(
  folder: JourneyFolder,
  step: { leg: string; device: string },
  readings: JourneyReadings,
  { journeyId, api, logger, nowSeconds }: { journeyId: string; api: ApiClient; logger: Logger; nowSeconds: number },
): Promise<number | undefined> {
  const leg = folder.flow.legs.find((candidate) => candidate.leg === step.leg);
  if (leg === undefined) return undefined;
  const profile = profileOfLeg(folder.flow, leg);
  const assignedFrom = new Date(((readings[0]?.timeSeconds ?? nowSeconds) - profile.longestGapSeconds) * 1000).toISOString();
  const assigned = await api.post(`/journeys/${journeyId}/legs/${step.leg}/device`, { giai: step.device, assignedFrom });
  const monitor = createConditionMonitor(profile);
  let excursionAt: number | undefined;
  if (assigned.status === 201) await logger.client.assignment({ journeyId, leg: legNumber(folder.flow, step.leg) });
  for (let place = 0; place < readings.length; place += READINGS_PER_MESSAGE) {
    const handful = readings.slice(place, place + READINGS_PER_MESSAGE);
    await logger.client.publishReadings(handful);
    const breaches = handful.flatMap((reading) => monitor.observe(reading));
    if (excursionAt === undefined && breaches.some((breach) => breach.kind !== "sensor-gap")) excursionAt = performance.now();
  }
  await logger.client.seal();
  // A logger nobody enrolled gets no receipt; its messages end as dead letters.
  if (logger.enrolled) await logger.client.drained(DRAIN_SECONDS);
  else await pause(DEAD_LETTER_MILLISECONDS);
  return excursionAt;
}
