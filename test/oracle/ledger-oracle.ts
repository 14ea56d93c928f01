import { pino } from "pino";
import { createIndexer } from "../../services/ledger/indexer.ts";
import type { Indexer } from "../../services/ledger/indexer.ts";
import { createKeyring } from "../../services/ledger/keyring.ts";
import { createRelay } from "../../services/ledger/relay.ts";
import type { Relay } from "../../services/ledger/relay.ts";
import { createNotifications } from "../../services/store/notifications.ts";
import type { Notifications } from "../../services/store/notifications.ts";
import { DEVELOPMENT_KEYS } from "../support/anvil.ts";
import { KEYRING_SECRET, startLedgerNetwork } from "../support/ledger-network.ts";
import type { LedgerNetwork } from "../support/ledger-network.ts";
import { startOracle } from "./support.ts";
import type { TestOracle } from "./support.ts";

export interface LedgerOracle {
  network: LedgerNetwork;
  oracle: TestOracle;
  relay: Relay;
  indexer: Indexer;
  notifications: Notifications;
  /** Waits until the ledger has all that was asked of it for a journey. */
  settled(journeyId: string): Promise<void>;
  close(): Promise<void>;
}

/** The API over a ledger of its own, with relay and indexer at work. */
export async function startLedgerOracle(): Promise<LedgerOracle> {
  const network = await startLedgerNetwork();
  const { ledger } = network;
  const keyring = createKeyring(KEYRING_SECRET);
  const notifications = createNotifications();
  const logger = pino({ level: "silent" });
  const woken = { relay: (): void => undefined };
  const oracle = await startOracle({}, { ledger, keyring, notifications, onOperation: () => woken.relay() });
  const { database } = oracle;
  const indexer = createIndexer({ database, ledger, notifications, logger });
  const relay = createRelay({ database, ledger, signer: DEVELOPMENT_KEYS[1], keyring, logger, notifications, indexer });
  woken.relay = () => relay.notify();
  await indexer.start();
  relay.start();
  return {
    network,
    oracle,
    relay,
    indexer,
    notifications,
    async settled(journeyId) {
      for (;;) {
        const { body } = await oracle.operator("GET", `/journeys/${journeyId}`);
        if (body.recorded && body.pendingOperations === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    async close() {
      await oracle.close();
      await relay.close();
      await indexer.close();
      await network.close();
    },
  };
}
