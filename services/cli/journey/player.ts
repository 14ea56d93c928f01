import { createDeviceKeys } from "../../device/device-keys.ts";
import type { DeviceKeys } from "../../device/device-keys.ts";
import { createApiClient } from "../api-client.ts";
import type { ApiClient } from "../api-client.ts";
import { captureDocument } from "./capture.ts";
import { assignShipper, registerEquipment } from "./equipment.ts";
import { glnOf } from "./folder.ts";
import type { JourneyFolder, JourneyStep } from "./folder.ts";
import { createLoggers, playLeg } from "./loggers.ts";
import { earliestTime, endsLeg, latestEventTime } from "./times.ts";
import { LEG_END_MILLISECONDS, ledgerDone, proofsDone, watchExceptions } from "./waiting.ts";

/** What an outside client knows of a network: addresses, and credentials it was given. */
export interface PlayedNetwork {
  httpUrl: string;
  mqttUrl: string;
  operatorKey: string;
  deviceToken(giai: string): string;
  /** Sets the development chain's clock to the played time; undefined on a chain that keeps its own. */
  advanceClock?: ((unixSeconds: number) => Promise<void>) | undefined;
}

export interface PlayedJourney {
  journeyId: string;
  captured: number;
  /** Captures, by file name, and scans the node did not take; the play goes on. */
  refusals: { capture: string; reason: string }[];
  releases: { gate: string; granted: boolean; reason: string }[];
  lastReadingToReleaseMs: number | null;
  excursionToLedgerMs: number | null;
  keys: Map<string, string>;
}

/** Plays a journey folder through HTTP and MQTT, as hospitals, couriers, manufacturers and loggers would. */
export async function playJourney(
  folder: JourneyFolder,
  network: PlayedNetwork,
  report: (done: number, total: number, line: string) => void,
): Promise<PlayedJourney> {
  const operator = createApiClient(network.httpUrl, network.operatorKey);
  const { clients, keys, devices } = await onboard(folder, operator, network);
  const client = (id: string): ApiClient => clients.get(id) ?? operator;
  const journeyId = await openJourney(folder, operator);
  const played: PlayedJourney = {
    journeyId,
    captured: 0,
    refusals: [],
    releases: [],
    lastReadingToReleaseMs: null,
    excursionToLedgerMs: null,
    keys,
  };
  const watch = watchExceptions(operator, journeyId);
  const loggers = createLoggers(folder, network, devices);
  let lastReadingAt: number | undefined;
  let legEndedAt = -LEG_END_MILLISECONDS;
  let nowSeconds = earliestTime(folder);
  try {
    for (const [index, step] of folder.description.steps.entries()) {
      report(index + 1, folder.description.steps.length, describe(step));
      if ("capture" in step) {
        const text = folder.documents.get(step.capture) ?? "";
        nowSeconds = Math.max(nowSeconds, latestEventTime(text));
        await network.advanceClock?.(nowSeconds);
        const outcome = await captureDocument(client(step.by), text);
        if ("refused" in outcome) played.refusals.push({ capture: step.capture, reason: outcome.refused });
        else played.captured += outcome.captured;
        if (endsLeg(folder, text)) legEndedAt = performance.now();
      } else if ("readings" in step) {
        const readings = folder.readings.get(step.readings) ?? [];
        nowSeconds = Math.max(nowSeconds, readings.at(-1)?.timeSeconds ?? 0);
        await network.advanceClock?.(Math.floor(nowSeconds));
        const owner = folder.description.devices.find((device) => device.giai === step.device)?.owner;
        const api = owner === undefined ? operator : client(owner);
        const excursion = await playLeg(folder, step, readings, { journeyId, api, logger: loggers.of(step.device), nowSeconds });
        lastReadingAt = performance.now();
        if (excursion !== undefined) played.excursionToLedgerMs = await watch.since(excursion);
      } else if ("shipper" in step) {
        await assignShipper(journeyId, step, client(step.by));
      } else if ("scan" in step) {
        const refused = await scan(client(step.by), { raw: step.scan, journeyId, step: step.at });
        if (refused !== null) played.refusals.push({ capture: `scan at ${step.at}`, reason: refused });
      } else {
        await proofsDone(operator, journeyId, legEndedAt);
        const decision = await client(step.by).post<{ detail?: string; title?: string }>(`/journeys/${journeyId}/releases`, { gate: step.release });
        const granted = decision.status === 201;
        played.releases.push({ gate: step.release, granted, reason: granted ? "every check is compliant" : (decision.body.detail ?? decision.body.title ?? `status ${decision.status}`) });
        if (granted && lastReadingAt !== undefined) played.lastReadingToReleaseMs = Math.round(performance.now() - lastReadingAt);
        lastReadingAt = undefined;
      }
      await ledgerDone(operator, journeyId);
    }
    await proofsDone(operator, journeyId, legEndedAt);
  } finally {
    watch.stop();
    await loggers.close();
  }
  return played;
}

async function onboard(folder: JourneyFolder, operator: ApiClient, network: PlayedNetwork) {
  const keys = new Map<string, string>();
  const clients = new Map<string, ApiClient>();
  const devices = new Map<string, DeviceKeys>();
  const { participants } = folder.description;
  await network.advanceClock?.(earliestTime(folder) - 3_600);
  for (const { id, gln, name, roles } of participants) {
    const { apiKey } = await operator.must(operator.post<{ apiKey: string }>("/participants", { gln, name, roles }));
    keys.set(id, apiKey);
    clients.set(id, createApiClient(network.httpUrl, apiKey));
  }
  for (const device of folder.description.devices) {
    const deviceKeys = createDeviceKeys();
    devices.set(device.giai, deviceKeys);
    await operator.must(
      operator.post("/devices", {
        giai: device.giai,
        owner: glnOf(folder, device.owner),
        publicKey: deviceKeys.signingKey.publicKey.map(String),
        messageKey: deviceKeys.messageKey.publicJwk,
        keyEpoch: 1,
        attestation: "device",
        calibratedFrom: device.calibratedFrom,
        calibratedUntil: device.calibratedUntil,
      }),
    );
  }
  await registerEquipment(folder.description, operator, (id) => glnOf(folder, id));
  await operator.must(operator.post("/flows", folder.flow));
  return { clients, keys, devices };
}

async function openJourney(folder: JourneyFolder, operator: ApiClient): Promise<string> {
  const { name, version } = folder.flow;
  const { journeyId } = await operator.must(
    operator.post<{ journeyId: string }>("/journeys", { chainOfIdentity: folder.description.coi, flow: { name, version } }),
  );
  await ledgerDone(operator, journeyId);
  return journeyId;
}

/** A mismatch answers 409: it is recorded, and what follows from it is for the quality desk. Returns why a scan was not taken. */
async function scan(client: ApiClient, body: { raw: string; journeyId: string; step: string }): Promise<string | null> {
  const answer = await client.post<{ detail?: string }>("/scans", body);
  if (answer.status < 400 || answer.status === 409) return null;
  if (answer.status < 500) return answer.body.detail ?? `status ${answer.status}`;
  throw new Error(`POST /scans answered ${answer.status}: ${answer.body.detail ?? "no reason given"}`);
}

function describe(step: JourneyStep): string {
  if ("capture" in step) return `${step.by} captures ${step.capture}`;
  if ("readings" in step) return `${step.device} streams ${step.readings} on the leg ${step.leg}`;
  if ("shipper" in step) return `${step.by} puts ${step.shipper} on the leg ${step.leg}`;
  if ("scan" in step) return `${step.by} scans a label at ${step.at}`;
  return `${step.by} decides on ${step.release}`;
}
