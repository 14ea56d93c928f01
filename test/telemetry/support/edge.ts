import { TEST_SECRET } from "../../support/secret.ts";
import { openedDetails } from "../../support/sealed.ts";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Kysely } from "kysely";
import mqtt from "mqtt";
import type { MqttClient } from "mqtt";
import { createDeviceClient, createDeviceKeys, createMessageSigner, deviceTopics, keyIdOf } from "../../../services/device/index.ts";
import type { DeviceClient, DeviceClientConfig, DeviceKeys } from "../../../services/device/index.ts";
import { deviceIdOf, participantIdOf } from "../../../services/model/custody/identifiers.ts";
import { flowDocument, flowDocumentHash, flowSchema } from "../../../services/model/custody/flow.ts";
import { createDatabase } from "../../../services/store/database.ts";
import type { OpenDatabase } from "../../../services/store/database.ts";
import type { Database } from "../../../services/store/schema.ts";
import { journeyCipher, sealedDeadLetter } from "../../../services/store/vault/index.ts";
import { createEmbeddedBroker, createTelemetryBridge, deviceToken } from "../../../services/telemetry/index.ts";
import type { EmbeddedBroker, TelemetryBridge, TelemetryBridgeConfig, TelemetryBridgeParts } from "../../../services/telemetry/index.ts";

export const OWNER_GLN = "9506000134352";
export const GIAI = "9506000134LOG7";
export const OTHER_GIAI = "9506000134LOG8";
export const TOPIC_ROOT = "threadline/v1";
export const BRIDGE_USER = { username: "bridge", password: "development-bridge-password" };
export const LEDGER = { conditionProofsAddress: "0x00000000000000000000000000000000000000c1", chainId: 31337n };
export const DEVICE_SECRET = "development-device-secret";
/** 2025-06-01T00:00:00Z; the leg's start in these tests. */
export const START = 1_748_736_000;

export const flow = flowSchema.parse({
  name: "edge-test",
  version: 1,
  lateEntryToleranceSeconds: 600,
  handoverToleranceSeconds: 600,
  profiles: [
    {
      name: "fresh",
      minimumTemperatureCelsius: 2,
      maximumTemperatureCelsius: 8,
      temperatureBudgetSeconds: 120,
      tiltLimitDegrees: 45,
      tiltBudgetSeconds: 60,
      longestGapSeconds: 120,
      longestDurationSeconds: 86_400,
    },
  ],
  steps: [
    { step: "pick-up", title: "Pick up", roles: ["logistics-provider"] },
    { step: "delivery", title: "Delivery", roles: ["logistics-provider"] },
  ],
  legs: [{ leg: "inbound", from: "pick-up", to: "delivery", profile: "fresh" }],
});

/** The real parts of the edge: PGlite in memory, the broker, and as many bridges and devices as a test wants. */
export interface Edge {
  database: Kysely<Database>;
  broker: EmbeddedBroker;
  journeyId: string;
  keys: DeviceKeys;
  bridge(config?: Partial<TelemetryBridgeConfig>, parts?: Partial<TelemetryBridgeParts>): Promise<TelemetryBridge>;
  device(config?: Partial<DeviceClientConfig>): DeviceClient;
  /** A bare MQTT client, connected. */
  client(username: string, password?: string): Promise<MqttClient>;
  /** Signs any payload with the device's message key. */
  sign(payload: Record<string, unknown>, keys?: DeviceKeys): Promise<string>;
  captureStep(step: number, atSeconds: number): Promise<void>;
  exceptions(): Promise<{ code: string; unit: string; observed: unknown; limit: unknown; occurredAt: number; leg: number | null }[]>;
  deadLetters(): Promise<{ reason: string; topic: string; payload: string; detail: string }[]>;
  close(): Promise<void>;
}

const TABLES = ["chain_interval_acceptances", "telemetry_messages", "dead_letters", "segments", "exception_details", "ledger_operations", "events", "leg_assignments", "journeys", "flows", "devices", "participants"] as const;

/** PGlite takes seconds to make, so the tests of a file share one, emptied by `createEdge`. */
export function openSharedDatabase(): Promise<OpenDatabase> {
  return createDatabase({ memory: true, secret: TEST_SECRET });
}

export async function createEdge({ database }: OpenDatabase): Promise<Edge> {
  for (const table of TABLES) await database.deleteFrom(table).execute();
  const closers: (() => Promise<unknown>)[] = [];
  const broker = await createEmbeddedBroker({ port: 0, credentials: { deviceSecret: DEVICE_SECRET, bridge: BRIDGE_USER } });
  closers.push(() => broker.close());
  const keys = createDeviceKeys(new Uint8Array(32).fill(7));
  const journeyId = await seed(database, keys);
  let events = 0;

  return {
    database,
    broker,
    journeyId,
    keys,
    async bridge(config = {}, parts = {}) {
      const bridge = await createTelemetryBridge({ brokerUrl: broker.url, ...BRIDGE_USER, ...config }, { database, ledger: LEDGER, ...parts });
      closers.push(once(() => bridge.close()));
      return bridge;
    },
    device(config = {}) {
      const giai = config.giai ?? GIAI;
      const device = createDeviceClient({
        brokerUrl: broker.url,
        giai,
        ownerGln: OWNER_GLN,
        keys,
        keyEpoch: 1,
        username: giai,
        password: deviceToken(DEVICE_SECRET, giai),
        ...config,
      });
      closers.push(() => device.close().catch(() => undefined));
      return device;
    },
    async client(username, password = deviceToken(DEVICE_SECRET, username)) {
      const client = mqtt.connect(broker.url, { username, password, reconnectPeriod: 0, manualConnect: true });
      client.on("error", () => undefined);
      closers.push(() => client.endAsync(true).catch(() => undefined));
      await new Promise<void>((resolve, reject) => {
        client.once("connect", () => resolve());
        client.once("close", () => reject(new Error("not connected")));
        client.once("error", reject);
        client.connect();
      });
      return client;
    },
    sign: (payload, by = keys) => createMessageSigner(by.messageKey, keyIdOf(GIAI, 1)).sign(payload),
    async captureStep(step, atSeconds) {
      events += 1;
      await database
        .insertInto("events")
        .values({
          event_id_index: `urn:uuid:${events}`,
          event_hash_index: `${events}`,
          sealed_event: null,
          event_type: "ObjectEvent",
          event_time_milliseconds: atSeconds * 1000,
          record_time_milliseconds: Date.now(),
          is_error_declaration: false,
          journey_id: journeyId,
          step,
          commitment: null,
          captured_by: participantIdOf(OWNER_GLN),
          capture_id: "test",
        })
        .execute();
    },
    async exceptions() {
      const rows = await openedDetails(database);
      return rows.map(({ code, unit, observed, limit, occurred_at: occurredAt, leg }) => ({ code, unit, observed, limit, occurredAt, leg }));
    },
    async deadLetters() {
      const rows = await database.selectFrom("dead_letters").selectAll().orderBy("dead_letter_number").execute();
      const cipher = await journeyCipher(database, []);
      return rows.map(({ reason, received_at_milliseconds: receivedAt, sealed_letter: sealed }) => {
        const letter = sealedDeadLetter.open(cipher, null, `${receivedAt}`, sealed);
        if (letter === null) throw new Error("a dead letter was erased");
        return { reason, ...letter };
      });
    },
    async close() {
      for (const close of closers.toReversed()) await close();
    },
  };
}

/** Publishes at QoS 1 on a device's topic. */
export async function publish(client: MqttClient, leaf: "readings" | "segments", payload: string | Buffer, giai = GIAI): Promise<void> {
  await client.publishAsync(deviceTopics(TOPIC_ROOT, OWNER_GLN, giai)[leaf], payload, { qos: 1 });
}

export function readingsPayload(sequence: number, fields: Record<string, unknown> = {}) {
  const time = new Date((START + sequence * 60) * 1000).toISOString();
  return { type: "readings", giai: GIAI, keyEpoch: 1, sequence, readings: [{ time, temperatureCelsius: 5, tiltDegrees: 3 }], ...fields };
}

/** One reading a minute; `change` alters some of them. */
export function series(count: number, change: (index: number) => { temperatureCelsius?: number; tiltDegrees?: number | null } = () => ({}), from = START) {
  return Array.from({ length: count }, (_, index) => ({ timeSeconds: from + index * 60, temperatureCelsius: 5, tiltDegrees: 3, ...change(index) }));
}

export async function until(what: () => Promise<boolean> | boolean, seconds = 10): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await what())) {
    if (Date.now() > end) throw new Error(`not so after ${seconds} s: ${what.toString()}`);
    await sleep(20);
  }
}

async function seed(database: Kysely<Database>, keys: DeviceKeys): Promise<string> {
  const participantId = participantIdOf(OWNER_GLN);
  const journeyId = `0x${randomBytes(32).toString("hex")}`;
  const now = Date.now();
  await database
    .insertInto("participants")
    .values({ participant_id: participantId, gln: OWNER_GLN, name: "Courier", roles: JSON.stringify(["logistics-provider"]), account: "0xa", encrypted_key: "x", created_at_milliseconds: now })
    .execute();
  await database
    .insertInto("devices")
    .values({
      giai: GIAI,
      device_id: deviceIdOf(GIAI),
      owner_participant_id: participantId,
      public_key_x: keys.signingKey.publicKey[0].toString(),
      public_key_y: keys.signingKey.publicKey[1].toString(),
      message_key: JSON.stringify(keys.messageKey.publicJwk),
      key_epoch: 1,
      attestation: "device",
      calibrated_from: START - 86_400,
      calibrated_until: START + 86_400,
    })
    .execute();
  await database.insertInto("flows").values({ name: flow.name, version: 1, document: flowDocument(flow), document_hash: flowDocumentHash(flow) }).execute();
  await database
    .insertInto("journeys")
    .values({ journey_id: journeyId, identity_index: "COI-1", sealed_identity: null, identity_commitment: "0x", flow_document_hash: flowDocumentHash(flow), opened_by: participantId, created_at_milliseconds: now })
    .execute();
  await database.insertInto("leg_assignments").values({ journey_id: journeyId, leg: 0, giai: GIAI, assigned_from: START - 600 }).execute();
  return journeyId;
}

function once(close: () => Promise<unknown>): () => Promise<unknown> {
  return () => close().catch(() => undefined);
}
