import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import type { Logger } from "pino";
import { Registry } from "prom-client";
import { createIndexer, createKeyring, createLedgerClient, createRelay } from "../ledger/index.ts";
import { createOracle } from "../oracle/index.ts";
import type { Oracle } from "../oracle/index.ts";
import { createBatchProvingCoordinator } from "../proving/batch-coordinator.ts";
import { createProvingCoordinator } from "../proving/coordinator.ts";
import { createIdentityCoordinator } from "../proving/identity-coordinator.ts";
import { createProverPool } from "../proving/prover/prover-pool.ts";
import { createPatientTranslator } from "../patients/index.ts";
import { createDatabase } from "../store/database.ts";
import { createNotifications } from "../store/notifications.ts";
import { createEmbeddedBroker, createTelemetryBridge, deviceToken } from "../telemetry/index.ts";
import { archiveOf } from "./archive.ts";
import { ensureDeployment, relayKeyOf } from "./deployment.ts";
import { startEmbeddedChain } from "./embedded-chain.ts";
import type { EmbeddedChain } from "./embedded-chain.ts";
import { healthReport } from "./health.ts";
import { createReadModelAdministration } from "./read-model.ts";
import { claimHome, watchProverProcesses, writeEndpoints } from "./home.ts";
import { nodeSecrets } from "./secrets.ts";
import type { NetworkSettings } from "./settings.ts";
import { registerWorkMetrics } from "./work-health.ts";
import type { BackgroundWork } from "./work-health.ts";
import { projectRoot } from "../../scripts/build/ensure-built.ts";

export interface Network {
  httpUrl: string;
  mqttUrl: string;
  rpcUrl: string;
  database: string;
  addresses: Record<string, string>;
  operatorKey: string;
  deviceToken(giai: string): string;
  /** Present on the embedded chain only. */
  advanceClock: ((unixSeconds: number) => Promise<void>) | undefined;
  close(): Promise<void>;
}

const BRIDGE_USERNAME = "threadline-bridge";

/**
 * Composes one node: each part embedded, or the real counterpart its setting names. Parts start in the order they lean
 * on each other and close in the opposite one, also when a later part fails to start.
 */
export async function createNetwork(settings: NetworkSettings, report: (line: string) => void = () => undefined): Promise<Network> {
  const closers: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return await compose(settings, report, closers, close);
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

async function compose(
  settings: NetworkSettings,
  report: (line: string) => void,
  closers: (() => Promise<void> | void)[],
  close: () => Promise<void>,
): Promise<Network> {
  const { home, host } = settings;
  mkdirSync(home, { recursive: true, mode: 0o700 });
  closers.push(claimHome(home));
  const logger = pino({ level: settings.logLevel }, pino.destination({ dest: 2, sync: false }));
  const secrets = nodeSecrets(home);
  const secret = Buffer.from(secrets.nodeSecret, "hex");

  report("database");
  const store = await createDatabase({
    ...(settings.databaseUrl === undefined ? { directory: join(home, "database") } : { url: settings.databaseUrl }),
    secret,
  });
  closers.push(() => store.close());

  report("chain and contracts");
  const chain: EmbeddedChain | undefined =
    settings.rpcUrl === undefined
      ? await startEmbeddedChain({ home, host, port: settings.rpcPort, startSeconds: settings.chainStartSeconds })
      : undefined;
  if (chain !== undefined) closers.push(() => chain.close());
  const rpcUrl = chain?.rpcUrl ?? settings.rpcUrl ?? "";
  const relayKey = relayKeyOf(settings.relayKey);
  const { chainId, addresses } = await ensureDeployment({ home, rpcUrl, relayKey });
  await chain?.snapshot();

  report("broker");
  const broker =
    settings.mqttUrl === undefined
      ? await createEmbeddedBroker({
          port: settings.mqttPort,
          host,
          credentials: { deviceSecret: secret, bridge: { username: BRIDGE_USERNAME, password: secrets.bridgePassword } },
        })
      : undefined;
  if (broker !== undefined) closers.push(() => broker.close());
  const mqttUrl = broker?.url ?? settings.mqttUrl ?? "";

  report("ledger");
  const notifications = createNotifications((error) => logger.error({ error }, "a listener failed"));
  const ledger = await createLedgerClient({ rpcUrl, addresses: addresses as never });
  closers.push(() => ledger.close());
  const keyring = createKeyring(secret);
  const { database } = store;
  const indexer = createIndexer({ database, ledger, notifications, logger: part(logger, "indexer") });
  const relay = createRelay({ database, ledger, signer: relayKey, keyring, logger: part(logger, "relay"), notifications, indexer });
  await indexer.start();
  closers.push(() => indexer.close());
  await relay.start();
  closers.push(() => relay.close());
  const onOperation = () => relay.notify();

  report("provers");
  const prover = await createProverPool({
    workers: settings.proverWorkers,
    circuitsDirectory: join(projectRoot, "circuits"),
    buildDirectory: join(projectRoot, "build", "circuits"),
    logger: part(logger, "provers"),
  });
  closers.push(() => prover.close());
  closers.push(watchProverProcesses(home, prover));
  const coordinator = createProvingCoordinator(
    { chainId, conditionProofs: addresses["conditionProofs"] ?? "", concurrency: settings.proverWorkers },
    { database, prover, logger: part(logger, "proving"), onOperation },
  );
  closers.push(() => coordinator.close());
  const batchCoordinator = createBatchProvingCoordinator(
    { chainId, batchProofs: addresses["batchProofs"] ?? "" },
    { database, prover, logger: part(logger, "batch-proving"), onOperation },
  );
  closers.push(() => batchCoordinator.close());
  const identities = createIdentityCoordinator(
    { chainId, identityChecks: addresses["identityChecks"] ?? "" },
    { database, prover, logger: part(logger, "identity"), onOperation },
  );
  closers.push(() => identities.close());

  report("telemetry");
  const bridge = await createTelemetryBridge(
    {
      brokerUrl: mqttUrl,
      username: broker === undefined ? settings.mqttUsername : BRIDGE_USERNAME,
      password: broker === undefined ? settings.mqttPassword : secrets.bridgePassword,
      protocolVersion: broker === undefined ? settings.mqttVersion : 4,
      deadLetters: settings.deadLetters,
    },
    {
      database,
      ledger: { chainId, conditionProofsAddress: addresses["conditionProofs"] ?? "" },
      logger: part(logger, "telemetry"),
      onOperation,
      onSegment: () => coordinator.notify(),
    },
  );
  closers.push(() => bridge.close());
  const registry = new Registry();
  bridge.registerMetrics(registry);
  let oracleFailures: Oracle["failures"] = () => ({});
  const work: BackgroundWork = {
    failures: () => ({ indexer: indexer.failure(), relay: relay.failure(), segmentProofs: coordinator.failure(), batchProofs: batchCoordinator.failure(), identityProofs: identities.failure(), telemetry: bridge.failure(), ...oracleFailures() }),
    queues: { segments: coordinator, batches: batchCoordinator, identities },
  };
  registerWorkMetrics(registry, work);

  report("oracle");
  const oracle = await createOracle(
    {
      port: settings.httpPort,
      host,
      trustedProxies: settings.trustedProxies,
      operatorKey: secrets.operatorKey,
      webhooks: { privateTargets: settings.webhookPrivateTargets },
      auditAnchorMilliseconds: settings.auditAnchorSeconds * 1000,
    },
    {
      ...(chain === undefined ? {} : { now: () => chain.now() }),
      database,
      notifications,
      ledger,
      keyring,
      patients: createPatientTranslator({ secret }, { database }),
      registry,
      logger: part(logger, "oracle"),
      health: () => healthReport({ database, ledger, prover, work, brokerUrl: mqttUrl, addresses }),
      onOperation,
      onBatchResults: () => batchCoordinator.notify(),
      onIdentityCheck: () => identities.notify(),
      assignmentChanged: (giai: string) => bridge.refreshAssignment(giai),
      deviceToken: (giai: string) => deviceToken(secret, giai),
      readModel: createReadModelAdministration({ database, ledger, indexer }),
      buildArchive: (journeyId, disclosure) => archiveOf({ rpcUrl, addresses, journeyId, disclosure }),
    },
  );
  closers.push(() => oracle.close());
  oracleFailures = oracle.failures;

  const network: Network = {
    httpUrl: oracle.url,
    mqttUrl,
    rpcUrl,
    database: settings.databaseUrl ?? join(home, "database"),
    addresses,
    operatorKey: secrets.operatorKey,
    deviceToken: (giai) => deviceToken(secret, giai),
    advanceClock: chain === undefined ? undefined : (seconds) => chain.advanceClock(seconds),
    close,
  };
  await prover.ready();
  writeEndpoints(home, network);
  return network;
}

function part(logger: Logger, name: string): Logger {
  return logger.child({ part: name });
}
