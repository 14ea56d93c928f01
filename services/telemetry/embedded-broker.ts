import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { Aedes } from "aedes";
import type { AuthenticateError, Client } from "aedes";
import { DEFAULT_TOPIC_ROOT, MESSAGE_TOPICS, parseDeviceTopic } from "../device/index.ts";
import { deviceToken, sameSecret } from "./device-token.ts";

export interface EmbeddedBrokerConfig {
  /** 0 lets the system choose. */
  port: number;
  host?: string;
  topicRoot?: string;
  credentials: {
    /** Secret of `deviceToken`: a device logs in with its GIAI and its token. */
    deviceSecret: Uint8Array | string;
    /** The bridge's own user, which may do all. */
    bridge: { username: string; password: string };
  };
}

export interface EmbeddedBroker {
  url: string;
  port: number;
  close(): Promise<void>;
}

/** A client that does not read for this long is disconnected, so that it cannot hold up the others. */
const DRAIN_TIMEOUT_MILLISECONDS = 10_000;

/** Return codes of CONNACK (MQTT 3.1.1, 3.2.2.3). */
const IDENTIFIER_REJECTED = 2;
const BAD_USERNAME_OR_PASSWORD = 4;

/**
 * An MQTT 3.1.1 broker within this process (aedes), for development and tests. Denies by default: nobody is anonymous,
 * a device publishes its own readings and segments, and hears its own receipts and assignment; nothing else.
 */
export async function createEmbeddedBroker(config: EmbeddedBrokerConfig): Promise<EmbeddedBroker> {
  const host = config.host ?? "127.0.0.1";
  const topicRoot = config.topicRoot ?? DEFAULT_TOPIC_ROOT;
  const { bridge, deviceSecret } = config.credentials;
  const usernames = new WeakMap<Client, string>();
  const owners = new Map<string, { username: string; client: Client }>();

  const isBridge = (client: Client | null) => client === null || usernames.get(client) === bridge.username;
  const ownsTopic = (client: Client | null, topic: string, leaves: readonly string[]) => {
    try {
      const parsed = parseDeviceTopic(topicRoot, topic);
      return client !== null && usernames.get(client) === parsed.giai && leaves.includes(parsed.leaf);
    } catch {
      return false;
    }
  };

  const broker = await Aedes.createBroker({
    drainTimeout: DRAIN_TIMEOUT_MILLISECONDS,
    queueLimit: 1_000,
    authenticate(client, username, password, done) {
      const expected = username === bridge.username ? bridge.password : deviceToken(deviceSecret, username ?? "");
      if (username === undefined || password === undefined || !sameSecret(password.toString("utf8"), expected))
        return done(refusal("wrong username or password", BAD_USERNAME_OR_PASSWORD), null);
      const owner = owners.get(client.id);
      if (owner !== undefined && owner.username !== username)
        return done(refusal("this client id belongs to another user", IDENTIFIER_REJECTED), null);
      owners.set(client.id, { username, client });
      usernames.set(client, username);
      done(null, true);
    },
    authorizePublish(client, packet, done) {
      const allowed = isBridge(client) || (ownsTopic(client, packet.topic, MESSAGE_TOPICS) && !packet.retain);
      done(allowed ? null : new Error(`publishing on ${packet.topic} is not allowed`));
    },
    authorizeSubscribe(client, subscription, done) {
      const allowed = isBridge(client) || ownsTopic(client, subscription.topic, ["receipts", "assignment"]);
      done(null, allowed ? subscription : null);
    },
    authorizeForward: (client, packet) =>
      isBridge(client) || ownsTopic(client, packet.topic, ["receipts", "assignment"]) ? packet : null,
  });
  broker.on("clientDisconnect", (client) => {
    if (client.clean && owners.get(client.id)?.client === client) owners.delete(client.id);
  });

  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.setNoDelay(true);
    broker.handle(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(config.port, host, resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `mqtt://${host}:${port}`,
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      sockets.forEach((socket) => socket.destroy());
      await closed;
    },
  };
}

function refusal(message: string, returnCode: number): AuthenticateError {
  return Object.assign(new Error(message), { returnCode: returnCode as AuthenticateError["returnCode"] });
}
