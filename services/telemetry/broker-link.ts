import mqtt from "mqtt";
import type { IClientOptions, IPublishPacket, MqttClient } from "mqtt";

/**
 * Takes a message; resolves when it is durable and may be acknowledged. `hasRoom` holds the broker back.
 */
export interface MessageTaker {
  take(topic: string, payload: Buffer): Promise<void>;
  hasRoom(): Promise<void>;
}

const NOT_YET = new Error("acknowledged after the durable write");

/**
 * An MQTT.js client that acknowledges a message only once it is durable. MQTT.js hands out one message at a time and sends
 * its PUBACK when `handleMessage` calls back without an error; called back with one it goes on to the next message and
 * sends none. So that many messages can become durable together, each is called back at once with an error, and its PUBACK
 * is written when it is durable: on the connection it came on, since another one numbers its messages anew.
 * Not connected yet: attach handlers, then call `connect()`.
 */
export function createBrokerLink(brokerUrl: string, options: IClientOptions, taker: MessageTaker): MqttClient {
  const client = mqtt.connect(brokerUrl, { ...options, manualConnect: true });
  client.handleMessage = (packet, callback) => {
    const connection = client.stream;
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload);
    void taker.take(packet.topic, payload).then(() => acknowledge(client, connection, packet));
    void taker.hasRoom().then(() => (packet.qos === 0 ? callback() : callback(NOT_YET)));
  };
  return client;
}

function acknowledge(client: MqttClient, connection: MqttClient["stream"], { qos, messageId }: IPublishPacket): void {
  if (qos !== 1 || messageId === undefined || client.stream !== connection || connection.destroyed) return;
  connection.write(Buffer.from([0x40, 0x02, messageId >> 8, messageId & 0xff]));
}
