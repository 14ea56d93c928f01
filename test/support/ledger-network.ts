import { randomBytes } from "node:crypto";
import { JsonRpcProvider, NonceManager, Wallet, hexlify, keccak256, toUtf8Bytes } from "ethers";
import { pino } from "pino";
import { deployThreadline } from "../../scripts/deploy/deploy.ts";
import { createIndexer } from "../../services/ledger/indexer.ts";
import type { Indexer } from "../../services/ledger/indexer.ts";
import { createKeyring } from "../../services/ledger/keyring.ts";
import { createLedgerClient } from "../../services/ledger/client.ts";
import type { LedgerClient } from "../../services/ledger/client.ts";
import { createRelay } from "../../services/ledger/relay.ts";
import type { Relay } from "../../services/ledger/relay.ts";
import { eventCommitment } from "../../services/model/privacy/event-commitment.ts";
import { flowDocument, flowDocumentHash, flowSchema } from "../../services/model/custody/flow.ts";
import type { FlowDefinition } from "../../services/model/custody/flow.ts";
import { journeyIdOf, participantIdOf } from "../../services/model/custody/identifiers.ts";
import { rolesToBitmap } from "../../services/model/custody/roles.ts";
import type { Role } from "../../services/model/custody/roles.ts";
import type { OpenDatabase } from "../../services/store/database.ts";
import { createNotifications } from "../../services/store/notifications.ts";
import { enqueueOperations } from "../../services/store/outbox.ts";
import type { NewOperation } from "../../services/store/outbox.ts";
import { DEVELOPMENT_KEYS, rpc, startAnvil } from "./anvil.ts";
import type { Anvil } from "./anvil.ts";
import { openTestDatabase } from "./databases.ts";

/** Two steps by one party, a gate on the second, one leg between them. */
export const TEST_FLOW: FlowDefinition = flowSchema.parse({
  name: "relay-test",
  version: 1,
  lateEntryToleranceSeconds: 86_400,
  handoverToleranceSeconds: 3_600,
  profiles: [
    {
      name: "cool",
      minimumTemperatureCelsius: 2,
      maximumTemperatureCelsius: 8,
      temperatureBudgetSeconds: 0,
      tiltLimitDegrees: null,
      tiltBudgetSeconds: 0,
      longestGapSeconds: 240,
      longestDurationSeconds: 86_400,
    },
  ],
  steps: [
    { step: "collect", title: "Collected", roles: ["apheresis-centre"], custody: "take" },
    { step: "sample", title: "Sampled", roles: ["apheresis-centre"], custody: "hold", repeatable: true },
    { step: "receive", title: "Received", roles: ["apheresis-centre"], custody: "hold", after: ["collect"] },
  ],
  legs: [{ leg: "inbound", from: "collect", to: "receive", profile: "cool" }],
  gates: [{ gate: "certify", title: "Certified", roles: ["qualified-person"], requiredSteps: ["receive"] }],
});

export interface LedgerNetwork {
  anvil: Anvil;
  ledger: LedgerClient;
  /** Of every contract, the verifiers among them. */
  addresses: Record<string, string>;
  store: OpenDatabase;
  indexer: Indexer;
  relay: Relay;
  /** A relay on the same database and account, over another RPC URL when given. Not started. */
  newRelay(rpcUrl?: string): Promise<Relay>;
  /** Makes a participant with a hosted key and returns its id and the operation that registers it. */
  addParticipant(gln: string, roles: Role[]): Promise<{ participantId: string; account: string; operation: NewOperation }>;
  enqueue(...operations: NewOperation[]): Promise<void>;
  /** Relays what is pending and indexes it. */
  settle(relay?: Relay): Promise<void>;
  close(): Promise<void>;
}

export const KEYRING_SECRET = new Uint8Array(32).fill(7);

/** A chain, the real contracts, a database and a relay that is not started: tests drive it step by step. */
export async function startLedgerNetwork(statePath?: string): Promise<LedgerNetwork> {
  const anvil = await startAnvil(statePath === undefined ? {} : { statePath });
  const provider = new JsonRpcProvider(anvil.rpcUrl, 31_337, { staticNetwork: true, cacheTimeout: -1, pollingInterval: 20 });
  const account = new Wallet(DEVELOPMENT_KEYS[1]).address;
  const { addresses } = await deployThreadline({
    signer: new NonceManager(new Wallet(DEVELOPMENT_KEYS[0], provider)),
    oracle: account,
    admin: account,
    adminDelaySeconds: 0,
    verifiers: "dev",
  });
  provider.destroy();
  const store = await openTestDatabase();
  const { database } = store;
  const logger = pino({ level: process.env["THREADLINE_LOG_LEVEL"] ?? "silent" });
  const keyring = createKeyring(KEYRING_SECRET);
  const notifications = createNotifications();
  const clients: LedgerClient[] = [];
  const relays: Relay[] = [];
  const connect = async (rpcUrl: string) => {
    const client = await createLedgerClient({ rpcUrl, addresses, timeoutMilliseconds: 1_500 });
    clients.push(client);
    return client;
  };
  const ledger = await connect(anvil.rpcUrl);
  const indexer = createIndexer({ database, ledger, notifications, logger });
  const newRelay = async (rpcUrl = anvil.rpcUrl) => {
    const relay = createRelay({ database, ledger: await connect(rpcUrl), signer: DEVELOPMENT_KEYS[1], keyring, logger, notifications, indexer });
    relays.push(relay);
    return relay;
  };
  const relay = await newRelay();
  return {
    anvil,
    ledger,
    addresses: { ...addresses },
    store,
    indexer,
    relay,
    newRelay,
    async addParticipant(gln, roles) {
      const wallet = Wallet.createRandom();
      const participantId = participantIdOf(gln);
      await database
        .insertInto("participants")
        .values({
          participant_id: participantId,
          gln,
          name: gln,
          roles: JSON.stringify(roles),
          account: wallet.address,
          encrypted_key: keyring.seal(wallet.privateKey),
          created_at_milliseconds: Date.now(),
        })
        .execute();
      const payload = { participantId, roles: rolesToBitmap(roles), account: wallet.address, hosted: true };
      const operation: NewOperation = { idempotencyKey: `participant:${participantId}`, kind: "register-participant", journeyId: null, payload };
      return { participantId, account: wallet.address, operation };
    },
    async enqueue(...operations) {
      await database.transaction().execute((transaction) => enqueueOperations(transaction, operations));
    },
    async settle(by = relay) {
      await by.flush();
      await indexer.catchUp();
    },
    async close() {
      for (const each of relays) await each.close();
      await indexer.close();
      for (const client of clients) client.close();
      await store.close();
      await anvil.close();
    },
  };
}

export const registerFlow: NewOperation = {
  idempotencyKey: "flow:relay-test",
  kind: "register-flow",
  journeyId: null,
  payload: { document: flowDocument(TEST_FLOW) },
};

export function openJourney(name: string): { journeyId: string; operation: NewOperation } {
  const salt = new Uint8Array(32).fill(1);
  const journeyId = journeyIdOf(name, salt);
  const payload = { journeyId, flowDocumentHash: flowDocumentHash(TEST_FLOW), identityCommitment: keccak256(toUtf8Bytes(name)) };
  return { journeyId, operation: { idempotencyKey: `open:${journeyId}`, kind: "open-journey", journeyId, payload } };
}

/** A custody event of its own: a random commitment. */
export function custodyEvent(journeyId: string, participantId: string, step: number, occurredAt: number): NewOperation {
  const commitment = eventCommitment(randomBytes(32), { body: "{}", context: "null" }, randomBytes(32));
  const payload = { journeyId, commitment, step, occurredAt, participantId };
  return { idempotencyKey: `custody-event:${commitment}`, kind: "custody-event", journeyId, payload };
}

export const hashOf = (text: string): string => keccak256(toUtf8Bytes(text));
export const randomHash = (): string => hexlify(randomBytes(32));

/** Unix seconds of the newest block. */
export async function chainTime(anvil: Anvil): Promise<number> {
  const block = (await rpc(anvil.rpcUrl, "eth_getBlockByNumber", ["latest", false])) as { timestamp: string };
  return Number(BigInt(block.timestamp));
}
