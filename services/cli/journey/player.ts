import { createConditionMonitor } from "../../model/condition/index.ts";
import { legNumber, profileOfLeg } from "../../model/custody/flow.ts";
import { createDeviceClient } from "../../device/device-client.ts";
import type { DeviceClient } from "../../device/device-client.ts";
import { createDeviceKeys } from "../../device/device-keys.ts";
import type { DeviceKeys } from "../../device/device-keys.ts";
import { createApiClient } from "../api-client.ts";
import type { ApiClient } from "../api-client.ts";
import { captureDocument, eventsOf } from "./capture.ts";
import type { JourneyFolder, JourneyReadings, JourneyStep } from "./folder.ts";

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
  /** Captures the node did not take, by file name; the play goes on. */
  refusals: { capture: string; reason: string }[];
  releases: { gate: string; granted: boolean; reason: string }[];
  lastReadingToReleaseMs: number | null;
  excursionToLedgerMs: number | null;
  keys: Map<string, string>;
}

const POLL_MILLISECONDS = 25;
const PROOF_WAIT_MILLISECONDS = 900_000;
const READINGS_PER_MESSAGE = 10;
const DRAIN_SECONDS = 120;
const DEAD_LETTER_MILLISECONDS = 1_000;
/** The bridge flags a leg without readings up to its end this long after the end was captured, and a sweep later. */
const LEG_END_MILLISECONDS = 4_500;

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
  try {
    for (const [index, step] of folder.description.steps.entries()) {
      report(index + 1, folder.description.steps.length, describe(step));
      if ("capture" in step) {
        const text = folder.documents.get(step.capture) ?? "";
        await network.advanceClock?.(latestEventTime(text));
        const outcome = await captureDocument(client(step.by), text);
        if ("refused" in outcome) played.refusals.push({ capture: step.capture, reason: outcome.refused });
        else played.captured += outcome.captured;
        if (endsLeg(folder, text)) legEndedAt = performance.now();
      } else if ("readings" in step) {
        const readings = folder.readings.get(step.readings) ?? [];
        await network.advanceClock?.(readings.at(-1)?.timeSeconds ?? 0);
        const owner = folder.description.devices.find((device) => device.giai === step.device)?.owner;
        const api = owner === undefined ? operator : client(owner);
        const excursion = await playLeg(folder, step, readings, { journeyId, api, logger: loggers.of(step.device) });
        lastReadingAt = performance.now();
        if (excursion !== undefined) played.excursionToLedgerMs = await watch.since(excursion);
      } else if ("scan" in step) {
        await scan(client(step.by), { raw: step.scan, journeyId, step: step.at });
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

/** A mismatch answers 409: it is recorded, and what follows from it is for the quality desk. */
async function scan(client: ApiClient, body: { raw: string; journeyId: string; step: string }): Promise<void> {
  const answer = await client.post("/scans", body);
  if (answer.status !== 409) await client.must(Promise.resolve(answer));
}

interface Logger {
  client: DeviceClient;
  enrolled: boolean;
}

/** Loggers of a folder, each one client for the whole journey: its sequence numbers run over all its legs. */
function createLoggers(folder: JourneyFolder, network: PlayedNetwork, keys: Map<string, DeviceKeys>) {
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
async function playLeg(
  folder: JourneyFolder,
  step: { leg: string; device: string },
  readings: JourneyReadings,
  { journeyId, api, logger }: { journeyId: string; api: ApiClient; logger: Logger },
): Promise<number | undefined> {
  const leg = folder.flow.legs.find((candidate) => candidate.leg === step.leg);
  const first = readings[0];
  if (leg === undefined || first === undefined) return undefined;
  const profile = profileOfLeg(folder.flow, leg);
  const assignedFrom = new Date((first.timeSeconds - profile.longestGapSeconds) * 1000).toISOString();
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

/** Listens for exceptions on the ledger, as a quality desk would, and remembers when the first excursion arrived. */
function watchExceptions(operator: ApiClient, journeyId: string) {
  const controller = new AbortController();
  let arrivedAt: number | undefined;
  let wake: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => (wake = resolve));
  const listening = operator
    .stream(`/journeys/${journeyId}/stream`, controller.signal, ({ type, data }) => {
      const code = (data as { data?: { code?: string }; code?: string }).data?.code ?? (data as { code?: string }).code;
      if (type === "exception" && arrivedAt === undefined && (code === "temperature-excursion" || code === "tilt-excursion")) {
        arrivedAt = performance.now();
        wake();
      }
    })
    .catch(() => undefined);
  return {
    async since(from: number): Promise<number | null> {
      await Promise.race([arrived, listening, new Promise((resolve) => setTimeout(resolve, 30_000).unref())]);
      return arrivedAt === undefined ? null : Math.max(0, Math.round(arrivedAt - from));
    },
    stop: () => controller.abort(),
  };
}

async function ledgerDone(operator: ApiClient, journeyId: string): Promise<void> {
  for (;;) {
    const { pendingOperations } = await operator.must(operator.get<{ pendingOperations: number }>(`/journeys/${journeyId}`));
    if (pendingOperations === 0) return;
    await pause();
  }
}

/** Waits as a qualified person would: until no segment is left that may still be proven. */
async function proofsDone(operator: ApiClient, journeyId: string, legEndedAt: number): Promise<void> {
  await pause(Math.max(0, legEndedAt + LEG_END_MILLISECONDS - performance.now()));
  const deadline = performance.now() + PROOF_WAIT_MILLISECONDS;
  for (;;) {
    const { segments } = await operator.must(operator.get<Proofs>(`/journeys/${journeyId}/proofs`));
    const underWay = segments.some(({ status, ledger }) => status === "sealed" || status === "proving" || (status === "proven" && ledger === null));
    if (!underWay || performance.now() > deadline) break;
    await pause();
  }
  await ledgerDone(operator, journeyId);
}

interface Proofs {
  segments: { status: string; ledger: unknown }[];
}

function pause(milliseconds = POLL_MILLISECONDS): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function glnOf(folder: JourneyFolder, id: string | undefined): string {
  const participant = folder.description.participants.find((candidate) => candidate.id === id) ?? folder.description.participants[0];
  return participant?.gln ?? "";
}

function endsLeg(folder: JourneyFolder, text: string): boolean {
  return eventsOf(text).some((event) => folder.flow.legs.some((leg) => leg.to === event["threadline:step"]));
}

function latestEventTime(text: string): number {
  return Math.max(0, ...eventsOf(text).map((event) => Math.floor(Date.parse(event.eventTime ?? "") / 1000) || 0));
}

/** Unix seconds of the first thing that happens in a folder. */
export function earliestTime(folder: JourneyFolder): number {
  const events = [...folder.documents.values()].flatMap(eventsOf).map((event) => Date.parse(event.eventTime ?? "") / 1000);
  const readings = [...folder.readings.values()].flatMap((list) => list.slice(0, 1)).map((reading) => reading.timeSeconds);
  const times = [...events, ...readings].filter(Number.isFinite);
  return times.length === 0 ? Math.floor(Date.now() / 1000) : Math.floor(Math.min(...times));
}

function describe(step: JourneyStep): string {
  if ("capture" in step) return `${step.by} captures ${step.capture}`;
  if ("readings" in step) return `${step.device} streams ${step.readings} on the leg ${step.leg}`;
  if ("scan" in step) return `${step.by} scans a label at ${step.at}`;
  return `${step.by} decides on ${step.release}`;
}
