import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deviceKeysFromJson, deviceKeysToJson, createDeviceKeys } from "../../device/device-keys.ts";
import type { DeviceKeys } from "../../device/device-keys.ts";
import { createDeviceClient } from "../../device/device-client.ts";
import { createMessageComposer } from "../../device/message-composer.ts";
import { playReadings } from "../../device/play.ts";
import { ThreadlineError } from "../../model/errors.ts";
import { parseReadingsCsv } from "../../model/readings-csv.ts";
import { apiClient, networkHome, readEndpoints } from "../endpoints.ts";
import { printJson, printTable } from "../print.ts";

const DRAIN_SECONDS = 300;

interface ListedDevice {
  giai: string;
  ownerGln: string;
  keyEpoch: number;
  calibratedFrom: string;
  calibratedUntil: string;
}

export async function enrolDevice(options: { device: string; owner: string; calibratedFrom: string; calibratedUntil: string }): Promise<void> {
  const api = apiClient();
  const keys = existsSync(keyFile(options.device)) ? loadKeys(options.device) : createDeviceKeys();
  mkdirSync(join(networkHome(), "devices"), { recursive: true, mode: 0o700 });
  writeFileSync(keyFile(options.device), JSON.stringify(deviceKeysToJson(keys), null, 2) + "\n", { mode: 0o600 });
  const enrolled = await api.must(
    api.post("/devices", {
      giai: options.device,
      owner: options.owner,
      publicKey: keys.signingKey.publicKey.map(String),
      messageKey: keys.messageKey.publicJwk,
      keyEpoch: 1,
      attestation: "device",
      calibratedFrom: options.calibratedFrom,
      calibratedUntil: options.calibratedUntil,
    }),
  );
  printJson(enrolled);
}

export async function listDevices(): Promise<void> {
  const api = apiClient();
  const { devices } = await api.must(api.get<{ devices: ListedDevice[] }>("/devices"));
  printTable(
    ["GIAI", "OWNER", "KEY EPOCH", "CALIBRATED FROM", "CALIBRATED UNTIL"],
    devices.map((device) => [device.giai, device.ownerGln, String(device.keyEpoch), device.calibratedFrom, device.calibratedUntil]),
  );
}

export async function assignDevice(options: { device: string; journey: string; leg: string; from?: string }): Promise<void> {
  const api = apiClient();
  const assignedFrom = options.from ?? new Date().toISOString();
  printJson(await api.must(api.post(`/journeys/${options.journey}/legs/${options.leg}/device`, { giai: options.device, assignedFrom })));
}

export async function streamReadings(options: { csv: string; device: string }): Promise<void> {
  const readings = parseReadingsCsv(readFileSync(options.csv, "utf8"));
  const client = await connect(options.device);
  try {
    await playReadings({ client, readings, drainTimeoutSeconds: DRAIN_SECONDS });
  } finally {
    await client.close();
  }
  process.stdout.write(`${readings.length} readings of ${options.device} are stored and receipted\n`);
}

/** One signed message per line and per reading; numbered after what this logger's own store has used. */
export async function signReadings(options: { csv: string; device: string; firstSequence?: string }): Promise<void> {
  const readings = parseReadingsCsv(readFileSync(options.csv, "utf8"));
  const composer = createMessageComposer({
    giai: options.device,
    keyEpoch: 1,
    keys: loadKeys(options.device),
    nextSequence: Number(options.firstSequence ?? 1),
  });
  for (const pending of composer.readingsMessages(readings, 1)) process.stdout.write(`${(await pending).body}\n`);
}

export async function printBrokerToken(options: { device: string }): Promise<void> {
  process.stdout.write(`${await brokerToken(options.device)}\n`);
}

async function brokerToken(giai: string): Promise<string> {
  const api = apiClient();
  const { token } = await api.must(api.get<{ token: string }>(`/devices/${encodeURIComponent(giai)}/broker-token`));
  return token;
}

async function connect(giai: string) {
  const { mqttUrl } = readEndpoints();
  const api = apiClient();
  const { devices } = await api.must(api.get<{ devices: ListedDevice[] }>("/devices"));
  const enrolled = devices.find((device) => device.giai === giai);
  if (enrolled === undefined)
    throw new ThreadlineError("device-not-enrolled", `${giai} is not enrolled; enrol it with "threadline device enrol"`, { giai });
  return createDeviceClient({
    brokerUrl: mqttUrl,
    giai,
    ownerGln: enrolled.ownerGln,
    keys: loadKeys(giai),
    keyEpoch: enrolled.keyEpoch,
    username: giai,
    password: await brokerToken(giai),
    storeDirectory: join(networkHome(), "devices", `${encodeURIComponent(giai)}.messages`),
    readingsPerMessage: 10,
  });
}

function keyFile(giai: string): string {
  return join(networkHome(), "devices", `${encodeURIComponent(giai)}.keys.json`);
}

function loadKeys(giai: string): DeviceKeys {
  if (!existsSync(keyFile(giai)))
    throw new ThreadlineError("device-keys-missing", `no keys of ${giai} in ${keyFile(giai)}; enrol it with "threadline device enrol" here`, { giai });
  return deviceKeysFromJson(JSON.parse(readFileSync(keyFile(giai), "utf8")));
}
