/** A device in a process of its own, to be killed: publishes readings without end and says how far it came. */
import { setTimeout as sleep } from "node:timers/promises";
import { createDeviceClient, createDeviceKeys } from "../../../services/device/index.ts";

const [brokerUrl = "", giai = "", ownerGln = "", password = "", storeDirectory = "", start = "0"] = process.argv.slice(2);
const device = createDeviceClient({
  brokerUrl,
  giai,
  ownerGln,
  keys: createDeviceKeys(new Uint8Array(32).fill(7)),
  keyEpoch: 1,
  username: giai,
  password,
  storeDirectory,
  window: 8,
});
await device.assignment();
const first = device.lastReadingSeconds() ?? Number(start) - 60;
for (let index = 1; ; index += 1) {
  await device.publishReading({ timeSeconds: first + index * 60, temperatureCelsius: 5, tiltDegrees: 3 });
  process.stdout.write(`${first + index * 60}\n`);
  await sleep(2);
}
