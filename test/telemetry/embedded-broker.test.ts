import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import mqtt from "mqtt";
import { deviceTopics } from "../../services/device/index.ts";
import { createEmbeddedBroker, deviceToken } from "../../services/telemetry/index.ts";
import type { EmbeddedBroker } from "../../services/telemetry/index.ts";
import { BRIDGE_USER, DEVICE_SECRET, GIAI, OTHER_GIAI, OWNER_GLN, TOPIC_ROOT } from "./support/edge.ts";

let broker: EmbeddedBroker;
const clients: mqtt.MqttClient[] = [];
beforeAll(async () => {
  broker = await createEmbeddedBroker({ port: 0, credentials: { deviceSecret: DEVICE_SECRET, bridge: BRIDGE_USER } });
});
afterAll(async () => {
  for (const client of clients) await client.endAsync(true);
  await broker.close();
});

const own = deviceTopics(TOPIC_ROOT, OWNER_GLN, GIAI);
const others = deviceTopics(TOPIC_ROOT, OWNER_GLN, OTHER_GIAI);

/** Resolves with a connected client, or with the CONNACK code that refused it. */
async function connect(options: mqtt.IClientOptions): Promise<mqtt.MqttClient | number> {
  const client = mqtt.connect(broker.url, { reconnectPeriod: 0, manualConnect: true, ...options });
  clients.push(client);
  return new Promise((resolve) => {
    client.once("connect", () => resolve(client));
    client.on("error", (error) => resolve((error as { code?: number }).code ?? -1));
    client.connect();
  });
}

async function device(): Promise<mqtt.MqttClient> {
  const client = await connect({ username: GIAI, password: deviceToken(DEVICE_SECRET, GIAI) });
  if (typeof client === "number") throw new Error(`refused with ${client}`);
  return client;
}

describe("embedded broker", () => {
  it("lets nobody in without the right name and password", async () => {
    expect(await connect({})).toBe(4);
    expect(await connect({ username: GIAI })).toBe(4);
    expect(await connect({ username: GIAI, password: "wrong" })).toBe(4);
    expect(await connect({ username: GIAI, password: deviceToken(DEVICE_SECRET, OTHER_GIAI) })).toBe(4);
    expect(await connect({ username: BRIDGE_USER.username, password: deviceToken(DEVICE_SECRET, BRIDGE_USER.username) })).toBe(4);
  });

  it("does not let a device take over another user's connection", async () => {
    const bridge = await connect({ ...BRIDGE_USER, clientId: "the-bridge" });
    expect(typeof bridge).toBe("object");
    expect(await connect({ username: GIAI, password: deviceToken(DEVICE_SECRET, GIAI), clientId: "the-bridge" })).toBe(2);
    expect((bridge as mqtt.MqttClient).connected).toBe(true);
  });

  it.each([own.receipts, own.assignment, others.readings, others.segments, `${TOPIC_ROOT}/x`, "$SYS/x", "elsewhere"])(
    "disconnects a device that publishes on %s",
    async (topic) => {
      const client = await device();
      const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
      client.publish(topic, "x", { qos: 1 });
      await closed;
      expect(client.connected).toBe(false);
    },
  );

  it("disconnects a device that publishes a retained message", async () => {
    const client = await device();
    const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
    client.publish(own.readings, "x", { qos: 1, retain: true });
    await closed;
    expect(client.connected).toBe(false);
  });

  it("delivers to a device its own receipts only", async () => {
    const client = await device();
    const heard: string[] = [];
    client.on("message", (topic) => heard.push(topic));
    for (const topic of ["#", "$SYS/#", `${TOPIC_ROOT}/#`, `${TOPIC_ROOT}/+/${GIAI}/receipts`, others.receipts, own.readings])
      await expect(client.subscribeAsync(topic, { qos: 1 })).rejects.toThrow();
    await client.subscribeAsync([own.receipts, own.assignment], { qos: 1 });
    const bridge = (await connect(BRIDGE_USER)) as mqtt.MqttClient;
    for (const topic of [others.receipts, own.receipts, own.assignment]) await bridge.publishAsync(topic, "x", { qos: 1 });
    await sleep(200);
    expect(heard.sort()).toEqual([own.assignment, own.receipts].sort());
  });

  it("keeps a message for a bridge with a persistent session that is away", async () => {
    const options = { ...BRIDGE_USER, clientId: "persistent", clean: false };
    const before = (await connect(options)) as mqtt.MqttClient;
    await before.subscribeAsync(own.readings, { qos: 1 });
    await before.endAsync();
    await (await device()).publishAsync(own.readings, "kept", { qos: 1 });
    const heard: string[] = [];
    const after = mqtt.connect(broker.url, { ...options, manualConnect: true, reconnectPeriod: 0 });
    clients.push(after);
    after.on("message", (_topic, payload) => heard.push(payload.toString()));
    after.connect();
    await new Promise((resolve) => after.once("message", resolve));
    expect(heard).toEqual(["kept"]);
  });
});
