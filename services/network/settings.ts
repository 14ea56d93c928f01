import { join } from "node:path";
import { z } from "zod";

/** Where this node's parts are. Each embedded part has a real counterpart, chosen by one variable. */
const environmentSchema = z.object({
  THREADLINE_HOME: z.string().optional(),
  THREADLINE_RPC_URL: z.url().optional(),
  THREADLINE_MQTT_URL: z.string().optional(),
  THREADLINE_MQTT_USERNAME: z.string().optional(),
  THREADLINE_MQTT_PASSWORD: z.string().optional(),
  /** The protocol level of CONNECT: 4 is MQTT 3.1.1, the most the embedded broker speaks. */
  THREADLINE_MQTT_VERSION: z.enum(["4", "5"]).default("4"),
  THREADLINE_DATABASE_URL: z.string().optional(),
  THREADLINE_HTTP_PORT: z.coerce.number().int().min(0).max(65535).default(8080),
  THREADLINE_MQTT_PORT: z.coerce.number().int().min(0).max(65535).default(1883),
  THREADLINE_RPC_PORT: z.coerce.number().int().min(0).max(65535).default(8545),
  THREADLINE_HOST: z.string().default("127.0.0.1"),
  /** Reverse proxies in front of the API: without them everyone would seem to come from one address. */
  THREADLINE_TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
  /** Refused messages whose text is kept, and for how long; when, why and a digest are kept of the others. */
  THREADLINE_DEAD_LETTERS: z.coerce.number().int().min(0).max(10_000_000).default(10_000),
  THREADLINE_DEAD_LETTER_DAYS: z.coerce.number().int().min(1).max(36_500).default(90),
  /** One process that may use every core makes the soonest proof; on two cores it also makes the most. */
  THREADLINE_PROVER_WORKERS: z.coerce.number().int().min(1).max(64).default(1),
  /** Lets webhooks go to http, loopback and private addresses: for development and closed networks. */
  THREADLINE_WEBHOOK_PRIVATE_TARGETS: z.enum(["true", "false"]).default("false"),
  /** How often the audit trails are anchored on the ledger. */
  THREADLINE_AUDIT_ANCHOR_SECONDS: z.coerce.number().int().min(1).max(86_400).default(3_600),
  THREADLINE_LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("warn"),
  THREADLINE_RELAY_KEY: z.string().regex(/^0x[0-9a-fA-F]{64}$/).optional(),
});

export interface NetworkSettings {
  /** Folder that keeps everything over restarts. */
  home: string;
  host: string;
  rpcUrl: string | undefined;
  rpcPort: number;
  mqttUrl: string | undefined;
  mqttUsername: string | undefined;
  mqttPassword: string | undefined;
  mqttVersion: 4 | 5;
  mqttPort: number;
  databaseUrl: string | undefined;
  deadLetters: { letters: number; days: number };
  httpPort: number;
  trustedProxies: number;
  proverWorkers: number;
  webhookPrivateTargets: boolean;
  auditAnchorSeconds: number;
  logLevel: string;
  /** Key that pays for and relays transactions on an outside chain; the embedded chain has a development key. */
  relayKey: string | undefined;
  /** Unix seconds the embedded chain starts at; undefined is now. A played journey sets it to its own past. */
  chainStartSeconds?: number | undefined;
}

/** Reads the settings once, from an environment. Throws a ZodError that names each bad variable. */
export function networkSettings(environment: Record<string, string | undefined>, root: string): NetworkSettings {
  const parsed = environmentSchema.parse(environment);
  return {
    home: parsed.THREADLINE_HOME ?? join(root, ".threadline"),
    host: parsed.THREADLINE_HOST,
    rpcUrl: parsed.THREADLINE_RPC_URL,
    rpcPort: parsed.THREADLINE_RPC_PORT,
    mqttUrl: parsed.THREADLINE_MQTT_URL,
    mqttUsername: parsed.THREADLINE_MQTT_USERNAME,
    mqttPassword: parsed.THREADLINE_MQTT_PASSWORD,
    mqttVersion: parsed.THREADLINE_MQTT_VERSION === "5" ? 5 : 4,
    mqttPort: parsed.THREADLINE_MQTT_PORT,
    databaseUrl: parsed.THREADLINE_DATABASE_URL,
    deadLetters: { letters: parsed.THREADLINE_DEAD_LETTERS, days: parsed.THREADLINE_DEAD_LETTER_DAYS },
    httpPort: parsed.THREADLINE_HTTP_PORT,
    trustedProxies: parsed.THREADLINE_TRUSTED_PROXIES,
    proverWorkers: parsed.THREADLINE_PROVER_WORKERS,
    webhookPrivateTargets: parsed.THREADLINE_WEBHOOK_PRIVATE_TARGETS === "true",
    auditAnchorSeconds: parsed.THREADLINE_AUDIT_ANCHOR_SECONDS,
    logLevel: parsed.THREADLINE_LOG_LEVEL,
    relayKey: parsed.THREADLINE_RELAY_KEY,
  };
}
