import { Transaction } from "ethers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chainDigest, stateDigest } from "../../services/ledger/digest.ts";
import type { NewOperation } from "../../services/store/outbox.ts";
import { rpc } from "../support/anvil.ts";
import { startFaultyRpc } from "../support/faulty-rpc.ts";
import type { RpcFault } from "../support/faulty-rpc.ts";
import { chainTime, custodyEvent, openJourney, registerFlow, startLedgerNetwork } from "../support/ledger-network.ts";
import type { LedgerNetwork } from "../support/ledger-network.ts";
import { present } from "../support/present.ts";

let network: LedgerNetwork;
let centre: string;
let now: number;

beforeAll(async () => {
  network = await startLedgerNetwork();
  now = await chainTime(network.anvil);
  const apheresis = await network.addParticipant("9506000134352", ["apheresis-centre"]);
  centre = apheresis.participantId;
  await network.enqueue(apheresis.operation, registerFlow);
  await network.settle();
}, 60_000);
afterAll(() => network.close());

async function recordedJourney(name: string): Promise<string> {
  const { journeyId, operation } = openJourney(name);
  await network.enqueue(operation);
  await network.settle();
  return journeyId;
}

/** Commitments of a journey as the chain itself has them, in order. */
async function commitmentsOnChain(journeyId: string): Promise<string[]> {
  const { custodyLedger } = network.ledger.interfaces;
  const topics = [present(custodyLedger.getEvent("CustodyEventRecorded")).topicHash, journeyId];
  const filter = { fromBlock: "0x0", toBlock: "latest", address: network.ledger.addresses.custodyLedger, topics };
  const logs = (await rpc(network.anvil.rpcUrl, "eth_getLogs", [filter])) as { data: string; topics: string[] }[];
  return logs.map((log) => String(present(custodyLedger.parseLog(log)).args["commitment"]));
}

const events = (journeyId: string, count: number): NewOperation[] =>
  Array.from({ length: count }, (_, index) => custodyEvent(journeyId, centre, index === 0 ? 0 : 1, now + index));
const commitmentsOf = (operations: readonly NewOperation[]) => operations.map(({ payload }) => payload["commitment"]);
const transactions = () => network.store.database.selectFrom("ledger_transactions").selectAll().orderBy("transaction_number").execute();
const statusesOf = async (operations: readonly NewOperation[]) => {
  const keys = operations.map((operation) => operation.idempotencyKey);
  const rows = await network.store.database.selectFrom("ledger_operations").select("status").where("idempotency_key", "in", keys).execute();
  return [...new Set(rows.map((row) => row.status))];
};

describe("an unreliable connection to the node", () => {
  const faults: RpcFault[] = ["drop-request", "drop-answer", "hang", "twice", "status-500", "garbage"];

  test.each(faults)("each event is recorded exactly once when sending meets: %s", async (fault) => {
    const journeyId = await recordedJourney(`fault ${fault}`);
    const proxy = await startFaultyRpc(network.anvil.rpcUrl, (method, count) =>
      method === "eth_sendRawTransaction" && count <= 2 ? fault : "none",
    );
    const relay = await network.newRelay(proxy.rpcUrl);
    const asked = events(journeyId, 3);
    for (const event of asked) {
      await network.enqueue(event);
      await network.settle(relay);
    }
    expect(await commitmentsOnChain(journeyId)).toEqual(commitmentsOf(asked));
    expect(await statusesOf(asked)).toEqual(["recorded"]);
    await relay.close();
    await proxy.close();
  }, 60_000);

  test("each event is recorded exactly once when every third request of any kind is lost", async () => {
    const journeyId = await recordedJourney("fault everywhere");
    let number = 0;
    const proxy = await startFaultyRpc(network.anvil.rpcUrl, () => {
      number += 1;
      return number % 3 === 0 ? (number % 2 === 0 ? "drop-answer" : "drop-request") : "none";
    });
    const relay = await network.newRelay(proxy.rpcUrl).catch(() => network.newRelay(proxy.rpcUrl));
    const asked = events(journeyId, 12);
    for (let start = 0; start < asked.length; start += 4) {
      await network.enqueue(...asked.slice(start, start + 4));
      await network.settle(relay);
    }
    expect(await commitmentsOnChain(journeyId)).toEqual(commitmentsOf(asked));
    await relay.close();
    await proxy.close();
  }, 90_000);
});

describe("a relay that ends between storing and sending", () => {
  test("the next one sends the stored bytes and no others", async () => {
    const journeyId = await recordedJourney("stored");
    const proxy = await startFaultyRpc(network.anvil.rpcUrl, (method) => (method === "eth_sendRawTransaction" ? "drop-request" : "none"));
    const first = await network.newRelay(proxy.rpcUrl);
    const asked = events(journeyId, 5);
    await network.enqueue(...asked);
    first.start();
    while (proxy.seen.get("eth_sendRawTransaction") === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
    await first.close();
    await proxy.close();
    const stored = present((await transactions()).at(-1));
    expect(stored.status).toBe("signed");
    expect(await statusesOf(asked)).toEqual(["submitted"]);
    expect(await commitmentsOnChain(journeyId)).toEqual([]);
    await network.settle(await network.newRelay());
    expect((await transactions()).at(-1)).toEqual({ ...stored, status: "mined" });
    expect(await commitmentsOnChain(journeyId)).toEqual(commitmentsOf(asked));
    expect(await statusesOf(asked)).toEqual(["recorded"]);
  }, 60_000);
});

describe("a chain that loses its last blocks", () => {
  test("every lost transaction is sent again, byte for byte, with one effect, and the read model follows", async () => {
    const { database } = network.store;
    const kept = await recordedJourney("kept");
    const keptEvents = events(kept, 2);
    await network.enqueue(...keptEvents);
    await network.settle();
    const snapshot = await rpc(network.anvil.rpcUrl, "evm_snapshot");
    const lost = await recordedJourney("lost");
    const lostEvents = events(lost, 3);
    await network.enqueue(...lostEvents.slice(0, 2));
    await network.settle();
    await network.enqueue(...lostEvents.slice(2));
    await network.settle();
    const before = (await transactions()).map(({ hash, raw, nonce, status }) => ({ hash, raw, nonce, status }));

    await rpc(network.anvil.rpcUrl, "evm_revert", [snapshot]);
    expect(await commitmentsOnChain(lost)).toEqual([]);
    await network.indexer.catchUp();
    expect(await statusesOf(keptEvents)).toEqual(["recorded"]);
    expect(await statusesOf(lostEvents)).toEqual(["submitted"]);
    expect(await database.selectFrom("chain_journeys").selectAll().where("journey_id", "=", lost).execute()).toEqual([]);

    await network.settle(await network.newRelay());
    expect((await transactions()).map(({ hash, raw, nonce, status }) => ({ hash, raw, nonce, status }))).toEqual(before);
    expect(await commitmentsOnChain(lost)).toEqual(commitmentsOf(lostEvents));
    expect(await statusesOf(lostEvents)).toEqual(["recorded"]);
    expect(await stateDigest(database)).toBe(await chainDigest(network.ledger));
  }, 60_000);

  test("a relay that goes on with what it remembers records the next event in its right place", async () => {
    const journeyId = await recordedJourney("remembered");
    const asked = events(journeyId, 4);
    await network.enqueue(...asked.slice(0, 2));
    await network.settle();
    const snapshot = await rpc(network.anvil.rpcUrl, "evm_snapshot");
    await network.enqueue(...asked.slice(2, 3));
    await network.relay.flush();
    await rpc(network.anvil.rpcUrl, "evm_revert", [snapshot]);
    await network.enqueue(...asked.slice(3));
    await network.settle();
    expect(await commitmentsOnChain(journeyId)).toEqual(commitmentsOf(asked));
    expect(await statusesOf(asked)).toEqual(["recorded"]);
  }, 60_000);

  test("another account's blocks in place of ours: the index is made anew though the chain has grown past it", async () => {
    const journeyId = await recordedJourney("replaced");
    const snapshot = await rpc(network.anvil.rpcUrl, "evm_snapshot");
    const asked = events(journeyId, 1);
    await network.enqueue(...asked);
    await network.settle();
    await rpc(network.anvil.rpcUrl, "evm_revert", [snapshot]);
    await rpc(network.anvil.rpcUrl, "anvil_mine", ["0x5"]);
    await network.indexer.catchUp();
    expect(await statusesOf(asked)).toEqual(["submitted"]);
    await network.settle();
    expect(await commitmentsOnChain(journeyId)).toEqual(commitmentsOf(asked));
    expect(await stateDigest(network.store.database)).toBe(await chainDigest(network.ledger));
  }, 60_000);
});

/** The node answers before it mines. */
async function mined(hash: unknown): Promise<void> {
  while ((await rpc(network.anvil.rpcUrl, "eth_getTransactionReceipt", [hash])) === null) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("a transaction that another with its nonce displaced has its operations sent anew, once", async () => {
  const journeyId = await recordedJourney("displaced");
  const proxy = await startFaultyRpc(network.anvil.rpcUrl, (method) => (method === "eth_sendRawTransaction" ? "drop-request" : "none"));
  const stuck = await network.newRelay(proxy.rpcUrl);
  const asked = events(journeyId, 2);
  await network.enqueue(...asked);
  stuck.start();
  while (proxy.seen.get("eth_sendRawTransaction") === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  await stuck.close();
  await proxy.close();
  const { account } = network.relay;
  await rpc(network.anvil.rpcUrl, "anvil_impersonateAccount", [account]);
  const displacing = await rpc(network.anvil.rpcUrl, "eth_sendTransaction", [{ from: account, to: account, gasPrice: "0x0" }]);
  await mined(displacing);
  await network.indexer.catchUp();
  await network.settle();
  expect((await transactions()).slice(-2).map((row) => row.status)).toEqual(["reverted", "mined"]);
  expect(await commitmentsOnChain(journeyId)).toEqual(commitmentsOf(asked));
  expect(await statusesOf(asked)).toEqual(["recorded"]);
}, 60_000);

test("a transaction that had no effect is sent anew, and after a rollback its nonce is filled with an empty one", async () => {
  const journeyId = await recordedJourney("no effect");
  const proxy = await startFaultyRpc(network.anvil.rpcUrl, (method) => (method === "eth_sendRawTransaction" ? "drop-request" : "none"));
  const stuck = await network.newRelay(proxy.rpcUrl);
  const asked = events(journeyId, 2);
  await network.enqueue(...asked);
  stuck.start();
  while (proxy.seen.get("eth_sendRawTransaction") === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  await stuck.close();
  await proxy.close();
  const snapshot = await rpc(network.anvil.rpcUrl, "evm_snapshot");
  const { custodyLedger } = network.ledger.addresses;
  const code = await rpc(network.anvil.rpcUrl, "eth_getCode", [custodyLedger, "latest"]);
  const stored = present((await transactions()).at(-1));
  await rpc(network.anvil.rpcUrl, "anvil_setCode", [custodyLedger, "0x60006000fd"]);
  await rpc(network.anvil.rpcUrl, "eth_sendRawTransaction", [stored.raw]);
  await mined(stored.hash);
  await rpc(network.anvil.rpcUrl, "anvil_setCode", [custodyLedger, code]);

  const relay = await network.newRelay();
  await network.settle(relay);
  expect((await transactions()).slice(-2).map((row) => row.status)).toEqual(["reverted", "mined"]);
  expect(await commitmentsOnChain(journeyId)).toEqual(commitmentsOf(asked));

  await rpc(network.anvil.rpcUrl, "evm_revert", [snapshot]);
  await network.settle(relay);
  const [filled, resent] = (await transactions()).slice(-2).map(present);
  expect([filled?.status, resent?.status]).toEqual(["mined", "mined"]);
  expect(filled?.hash).not.toBe(stored.hash);
  expect(await commitmentsOnChain(journeyId)).toEqual(commitmentsOf(asked));
  expect(await statusesOf(asked)).toEqual(["recorded"]);
}, 60_000);

test("a node that wants a higher gas price gets the same call at another price, and one record is made", async () => {
  const journeyId = await recordedJourney("price");
  const proxy = await startFaultyRpc(network.anvil.rpcUrl, (method, count) =>
    method === "eth_sendRawTransaction" && count === 1 ? { error: "transaction underpriced: gas tip cap 0, minimum needed 1" } : "none",
  );
  await rpc(network.anvil.rpcUrl, "anvil_setBalance", [network.relay.account, "0x56bc75e2d63100000"]);
  const relay = await network.newRelay(proxy.rpcUrl);
  const asked = events(journeyId, 1);
  await network.enqueue(...asked);
  await network.settle(relay);
  const { gasPrice } = Transaction.from(present((await transactions()).at(-1)).raw);
  expect(gasPrice).toBeGreaterThan(0n);
  expect(await commitmentsOnChain(journeyId)).toEqual(commitmentsOf(asked));
  await relay.close();
  await proxy.close();
}, 60_000);
