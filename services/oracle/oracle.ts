import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import type { Kysely } from "kysely";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { LedgerClient } from "../ledger/client.ts";
import type { Keyring } from "../ledger/keyring.ts";
import type { PatientTranslator } from "../patients/index.ts";
import type { Notifications } from "../store/notifications.ts";
import type { SubjectEraser } from "../store/erasure/eraser.ts";
import type { Failure } from "../schedule/failure-record.ts";
import { STORE_ERASERS } from "../store/erasure/erasers.ts";
import type { Database } from "../store/schema.ts";
import { createAccessTrail } from "../store/access-trail.ts";
import { createAuditAnchoring } from "./audit/anchoring.ts";
import { recordAnswer } from "./audit/record-answer.ts";
import { createCaptureQueue } from "./capture/capture-queue.ts";
import { createAuthorityClock } from "./dispositions/authority-clock.ts";
import { apiKeyHash, createApiKeys } from "./http/api-keys.ts";
import { errorMiddleware, notFound } from "./http/error-middleware.ts";
import { fhirFacade } from "./http/fhir-facade.ts";
import { securityHeaders } from "./http/headers.ts";
import { createOperationRouter } from "./http/router.ts";
import { createWrongKeyCount } from "./http/wrong-keys.ts";
import { createTimeLimitWatch } from "./journeys/time-limit-watch.ts";
import { createMetrics } from "./metrics.ts";
import { oracleOperations } from "./operations.ts";
import { createWebhookDispatcher } from "./webhooks/dispatcher.ts";
import { DEFAULT_WEBHOOK_SETTINGS } from "./webhooks/settings.ts";
import type { WebhookSettings } from "./webhooks/settings.ts";
import { DEFAULT_LIMITS } from "./oracle-parts.ts";
import type { BuildArchive, HealthReport, OracleLimits, OracleParts, ReadModelAdministration } from "./oracle-parts.ts";

export interface OracleConfiguration {
  /** 0 takes a free port. */
  port: number;
  host: string;
  /** The operator's API key, or its SHA-256 in hexadecimal; without either nobody administers. */
  operatorKey?: string;
  operatorKeyHash?: string;
  /** Address clients reach this server at, for the API document. */
  publicUrl?: string;
  limits?: Partial<OracleLimits>;
  /** Reverse proxies in front, whose word on the client's address is taken; default none. */
  trustedProxies?: number;
  webhooks?: Partial<WebhookSettings>;
  /** How often the audit trails are anchored on the ledger; default one hour, and at the close of each day. */
  auditAnchorMilliseconds?: number;
}

export interface OracleDependencies {
  database: Kysely<Database>;
  notifications: Notifications;
  ledger: LedgerClient;
  keyring: Keyring;
  patients: PatientTranslator;
  logger: Logger;
  health: () => Promise<HealthReport>;
  onOperation: () => void;
  onBatchResults?: () => void;
  onIdentityCheck?: () => void;
  assignmentChanged?: (giai: string) => Promise<void>;
  deviceToken?: (giai: string) => string;
  readModel?: ReadModelAdministration;
  /** Unix seconds; the machine's clock when left out. A chain played in its own past has another. */
  now?: () => Promise<number>;
  buildArchive?: BuildArchive;
  /** Erasers of parts beyond the journey itself. */
  erasers?: readonly SubjectEraser[];
  /** Registry that other parts put their metrics in too; one of the oracle's own when left out. */
  registry?: Registry;
}

export interface Oracle {
  url: string;
  /** Why each of its loops does not get on; null while it does. */
  failures(): Record<string, Failure | null>;
  close(): Promise<void>;
}

/** How long a client may take to send a request, and to send its head. */
const REQUEST_MILLISECONDS = 60_000;
const HEAD_MILLISECONDS = 15_000;

const TIME_LIMIT_SWEEP_MILLISECONDS = 10_000;
const AUDIT_ANCHOR_MILLISECONDS = 3_600_000;

/** The HTTP API of a node. It holds no signing key and sends nothing to the ledger: it writes facts and the outbox. */
export async function createOracle(
  configuration: OracleConfiguration,
  dependencies: OracleDependencies,
): Promise<Oracle> {
  const { database, logger } = dependencies;
  const limits = { ...DEFAULT_LIMITS, ...configuration.limits };
  const closing = new AbortController();
  const metrics = createMetrics(database, dependencies.registry);
  const captures = createCaptureQueue(database, (outcome) => {
    metrics.observeCapture(outcome.newEvents, outcome.success);
    if (outcome.operations > 0) dependencies.onOperation();
  });
  const parts: OracleParts = {
    ...dependencies,
    onBatchResults: dependencies.onBatchResults ?? (() => undefined),
    onIdentityCheck: dependencies.onIdentityCheck ?? (() => undefined),
    assignmentChanged: dependencies.assignmentChanged ?? (() => Promise.resolve()),
    deviceToken: dependencies.deviceToken,
    readModel: dependencies.readModel,
    now: dependencies.now ?? (() => Promise.resolve(Math.floor(Date.now() / 1000))),
    webhooks: { ...DEFAULT_WEBHOOK_SETTINGS, ...configuration.webhooks },
    buildArchive: dependencies.buildArchive,
    erasers: [...(dependencies.erasers ?? []), dependencies.patients.subjectEraser, ...STORE_ERASERS],
    limits,
    captures,
    accesses: createAccessTrail(database),
    apiKeys: createApiKeys(database, operatorHashOf(configuration)),
    closing: closing.signal,
  };

  const timeLimits = createTimeLimitWatch({ sweepMilliseconds: TIME_LIMIT_SWEEP_MILLISECONDS }, dependencies);
  const dispatcher = createWebhookDispatcher(parts.webhooks, parts);
  const authorityClock = createAuthorityClock({ ...parts, sweepMilliseconds: limits.clockSweepMilliseconds });
  const anchoring = createAuditAnchoring({ everyMilliseconds: configuration.auditAnchorMilliseconds ?? AUDIT_ANCHOR_MILLISECONDS }, parts);
  let url = configuration.publicUrl ?? "/";
  const operations = oracleOperations(parts, metrics, () => configuration.publicUrl ?? url);
  const application = express();
  application.disable("x-powered-by").disable("etag").set("query parser", false).set("trust proxy", configuration.trustedProxies ?? 0);
  application.use(securityHeaders);
  application.use("/fhir/R4", fhirFacade);
  application.use(
    createOperationRouter(operations, {
      apiKeys: parts.apiKeys,
      wrongKeys: createWrongKeyCount(limits),
      limits,
      onAnswer: (answered) => recordAnswer(parts.accesses, answered),
      observe: (operation, status, seconds) => metrics.observeRequest(operation.operationId, status, seconds),
    }),
  );
  application.use(notFound, errorMiddleware(logger));

  const server = application.listen(configuration.port, configuration.host);
  server.requestTimeout = REQUEST_MILLISECONDS;
  server.headersTimeout = HEAD_MILLISECONDS;
  await listening(server);
  const { address, port, family } = server.address() as AddressInfo;
  url = `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;

  return {
    url,
    failures: () => ({ timeLimits: timeLimits.failure(), authorityClock: authorityClock.failure(), auditAnchors: anchoring.failure(), webhooks: dispatcher.failure() }),
    async close() {
      closing.abort();
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      const impatience = setTimeout(() => server.closeAllConnections(), 2_000);
      await closed;
      clearTimeout(impatience);
      await anchoring.close();
      await authorityClock.close();
      await dispatcher.close();
      await captures.close();
      await timeLimits.close();
    },
  };
}

async function listening(server: Server): Promise<void> {
  if (!server.listening) await once(server, "listening");
}

function operatorHashOf({ operatorKey, operatorKeyHash }: OracleConfiguration): string | undefined {
  return operatorKey === undefined ? operatorKeyHash?.toLowerCase() : apiKeyHash(operatorKey);
}
