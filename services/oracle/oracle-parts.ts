import type { Kysely } from "kysely";
import type { Logger } from "pino";
import type { LedgerClient } from "../ledger/client.ts";
import type { Keyring } from "../ledger/keyring.ts";
import type { PatientTranslator } from "../patients/index.ts";
import type { Notifications } from "../store/notifications.ts";
import type { AccessTrail } from "../store/access-trail.ts";
import type { SubjectEraser } from "../store/erasure/eraser.ts";
import type { Database } from "../store/schema.ts";
import type { CaptureQueue } from "./capture/capture-queue.ts";
import type { WebhookSettings } from "./webhooks/settings.ts";
import type { ApiKeys } from "./http/api-keys.ts";
import type { WrongKeyLimits } from "./http/wrong-keys.ts";

export interface OracleLimits extends WrongKeyLimits {
  /** Largest request body, bytes. */
  bodyBytes: number;
  /** Most events of one capture document. */
  captureEvents: number;
  /** Most entries on a page of events or jobs. */
  pageEntries: number;
  /** How long a release waits for the ledger before it answers "still pending". */
  releaseWaitMilliseconds: number;
  /** How often running clocks are looked at. */
  clockSweepMilliseconds: number;
  /** Most live streams open at once. */
  streams: number;
}

export const DEFAULT_LIMITS: OracleLimits = {
  bodyBytes: 4 * 1024 * 1024,
  captureEvents: 1000,
  pageEntries: 1000,
  releaseWaitMilliseconds: 10_000,
  clockSweepMilliseconds: 5_000,
  streams: 500,
  wrongKeys: 20,
  wrongKeyMilliseconds: 60_000,
  wrongKeyAddresses: 10_000,
};

/** How the node's parts are; `ok` decides between 200 and 503. */
export interface HealthReport {
  ok: boolean;
  parts: Record<string, { ok: boolean }>;
}

/** What an operator may ask of the read model. */
export interface ReadModelAdministration {
  rebuild(): Promise<{ rows: number; blockNumber: number }>;
  digest(): Promise<{ store: string; chain: string; equal: boolean }>;
}

/** An archive of one journey: the text of each file by its path, and the digest that stands for all of them. */
export type BuildArchive = (
  journeyId: string,
  disclosure: unknown,
) => Promise<{ format: string; journeyId: string; digest: string; files: Record<string, string> }>;

/** What the routes work with. */
export interface OracleParts {
  database: Kysely<Database>;
  ledger: LedgerClient;
  keyring: Keyring;
  patients: PatientTranslator;
  notifications: Notifications;
  logger: Logger;
  limits: OracleLimits;
  apiKeys: ApiKeys;
  captures: CaptureQueue;
  /** Who read what. */
  accesses: AccessTrail;
  health: () => Promise<HealthReport>;
  /** The clock deadlines are judged by, Unix seconds. */
  now: () => Promise<number>;
  webhooks: WebhookSettings;
  /** Tells the relay that an operation waits. */
  onOperation: () => void;
  /** Tells the provers that laboratory results may wait. */
  onBatchResults: () => void;
  /** Tells the provers that an identity check waits. */
  onIdentityCheck: () => void;
  /** Tells the telemetry bridge that a device's assignment is another. */
  assignmentChanged: (giai: string) => Promise<void>;
  /** Broker password of a device; undefined where the broker has passwords of its own. */
  deviceToken: ((giai: string) => string) | undefined;
  readModel: ReadModelAdministration | undefined;
  /** Makes a journey's archive of its disclosure and the chain; undefined where the node makes none. */
  buildArchive: BuildArchive | undefined;
  /** Each part that keeps data of a subject, in the order they erase. */
  erasers: readonly SubjectEraser[];
  /** Ends when the oracle closes. */
  closing: AbortSignal;
}
