import { sql } from "kysely";
import { Contract, JsonRpcProvider, Wallet } from "ethers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pino } from "pino";
import { createIndexer } from "../../services/ledger/indexer.ts";
import { createLedgerClient } from "../../services/ledger/client.ts";
import { chainDigest, stateDigest } from "../../services/ledger/digest.ts";
import { RpcError } from "../../services/ledger/json-rpc.ts";
import { rebuildReadModel } from "../../services/ledger/rebuild.ts";
import { createDatabase } from "../../services/store/database.ts";
import { createNotifications } from "../../services/store/notifications.ts";
import { DEVELOPMENT_KEYS, freePort, rpc } from "../support/anvil.ts";
import { startFaultyRpc } from "../support/faulty-rpc.ts";
import { chainTime, custodyEvent, openJourney, registerFlow, startLedgerNetwork } from "../support/ledger-network.ts";
import type { LedgerNetwork } from "../support/ledger-network.ts";

const logger = pino({ level: "silent" });
let network: LedgerNetwork;
let journeyId: string;

beforeAll(async () => {
  network = await startLedgerNetwork();
  const now = await chainTime(network.anvil);
  const { operation, participantId } = await network.addParticipant("9506000134352", ["apheresis-centre"]);
  const opened = openJourney("read model");
  journeyId = opened.journeyId;
  await network.enqueue(operation, registerFlow, opened.operation);
  await network.enqueue(...[0, 1, 2, 3, 4].map((step) => custodyEvent(journeyId, participantId, step, now)));
  await network.settle();
}, 60_000);
afterAll(() => network.close());

test("a rebuild gives the same read model and leaves the outbox as it was", async () => {
  const { database } = network.store;
  const before = await stateDigest(database);
  const operations = await database.selectFrom("ledger_operations").selectAll().orderBy("operation_number").execute();
  await rebuildReadModel(database, network.ledger);
  expect(await stateDigest(database)).toBe(before);
  expect(await chainDigest(network.ledger)).toBe(before);
  expect(await database.selectFrom("ledger_operations").selectAll().orderBy("operation_number").execute()).toEqual(operations);
}, 60_000);

test.each([
  ["a changed commitment", "update chain_custody_events set commitment = '0x00' where sequence = 1"],
  ["a missing event", "delete from chain_custody_events where sequence = 4"],
  ["a lowered class", "update chain_exceptions set class = 0"],
  ["a participant with another duty", "update chain_participants set roles = 255"],
])("the digest tells of %s, and a rebuild mends it", async (_, statement) => {
  const { database } = network.store;
  const before = await stateDigest(database);
  await sql.raw(statement).execute(database);
  expect(await stateDigest(database)).not.toBe(before);
  await rebuildReadModel(database, network.ledger);
  expect(await stateDigest(database)).toBe(before);
}, 60_000);

test("pages of one block and requests that fail give the same read model", async () => {
  const { database, close } = await createDatabase({ memory: true });
  let number = 0;
  const proxy = await startFaultyRpc(network.anvil.rpcUrl, () => ((number += 1) % 4 === 0 ? "drop-answer" : "none"));
  const ledger = await createLedgerClient({ rpcUrl: proxy.rpcUrl, addresses: network.ledger.addresses });
  const indexer = createIndexer({ database, ledger, logger, pageBlocks: 1 });
  await indexer.catchUp();
  expect(await stateDigest(database)).toBe(await stateDigest(network.store.database));
  await indexer.close();
  ledger.close();
  await proxy.close();
  await close();
}, 90_000);

test("no request asks for blocks beyond the newest, where Besu answers with an error", async () => {
  const { database, close } = await createDatabase({ memory: true });
  const ledger = await createLedgerClient({ rpcUrl: network.anvil.rpcUrl, addresses: network.ledger.addresses });
  const highest: number[] = [];
  const send = ledger.rpc.send.bind(ledger.rpc);
  ledger.rpc.send = (method, parameters = []) => {
    if (method === "eth_getLogs") highest.push(Number((parameters[0] as { toBlock: string }).toBlock));
    return send(method, parameters);
  };
  const indexer = createIndexer({ database, ledger, logger });
  await indexer.catchUp();
  await indexer.catchUp();
  expect(highest).toEqual([Number(await rpc(network.anvil.rpcUrl, "eth_blockNumber"))]);
  await indexer.close();
  ledger.close();
  await close();
}, 60_000);

test("a node that allows few blocks at once is read in smaller pages", async () => {
  const { database, close } = await createDatabase({ memory: true });
  const ledger = await createLedgerClient({ rpcUrl: network.anvil.rpcUrl, addresses: network.ledger.addresses });
  const send = ledger.rpc.send.bind(ledger.rpc);
  ledger.rpc.send = (method, parameters = []) => {
    const { fromBlock, toBlock } = (parameters[0] ?? {}) as { fromBlock?: string; toBlock?: string };
    if (method === "eth_getLogs" && Number(toBlock) - Number(fromBlock) >= 3) throw new RpcError(-32_005, "query exceeds max block range 3", null);
    return send(method, parameters);
  };
  const indexer = createIndexer({ database, ledger, logger });
  await indexer.catchUp();
  expect(await stateDigest(database)).toBe(await stateDigest(network.store.database));
  await indexer.close();
  ledger.close();
  await close();
}, 60_000);

test("history read for the first time is told, history read again is not", async () => {
  const { database, close } = await createDatabase({ memory: true });
  const notifications = createNotifications();
  const heard: string[] = [];
  notifications.subscribe(({ type }) => heard.push(type));
  const indexer = createIndexer({ database, ledger: network.ledger, logger, notifications });
  await indexer.catchUp();
  expect(heard.filter((type) => type === "custody-event")).toHaveLength(5);
  heard.length = 0;
  await database.updateTable("chain_cursor").set({ block_hash: "0x00" }).execute();
  await indexer.catchUp();
  expect(heard).toEqual([]);
  expect(await stateDigest(database)).toBe(await stateDigest(network.store.database));
  await indexer.close();
  await close();
}, 60_000);

test("suspensions, duties, accounts and an operation somebody else carried out are followed", async () => {
  const { database } = network.store;
  const provider = new JsonRpcProvider(network.anvil.rpcUrl, 31_337, { staticNetwork: true, cacheTimeout: -1, pollingInterval: 20 });
  const registry = new Contract(
    network.ledger.addresses.participantRegistry,
    network.ledger.interfaces.participantRegistry,
    new Wallet(DEVELOPMENT_KEYS[1], provider),
  );
  const call = async (method: string, ...values: unknown[]) =>
    (await (await registry.getFunction(method)(...values, { gasPrice: 0 })).wait()) as unknown;
  const second = await network.addParticipant("9506000134369", ["qualified-person"]);
  const another = Wallet.createRandom().address;
  await call("register", second.participantId, second.operation.payload["roles"], second.account);
  await call("addAccount", second.participantId, another);
  await call("removeAccount", second.participantId, second.account);
  await call("setRoles", second.participantId, 3);
  await call("setSuspended", second.participantId, true);
  await network.indexer.catchUp();
  await network.enqueue(second.operation);
  await network.settle();
  const operation = await database.selectFrom("ledger_operations").selectAll().where("idempotency_key", "=", second.operation.idempotencyKey).executeTakeFirstOrThrow();
  expect(operation).toMatchObject({ status: "recorded", transaction_number: null });
  const participant = await database.selectFrom("chain_participants").selectAll().where("participant_id", "=", second.participantId).executeTakeFirstOrThrow();
  expect(participant).toMatchObject({ roles: 3, suspended: true });
  const accounts = await database.selectFrom("chain_accounts").selectAll().where("participant_index", "=", participant.participant_index).execute();
  expect(accounts.map(({ account, removed }) => [account, removed]).sort()).toEqual(
    [[another.toLowerCase(), false], [second.account.toLowerCase(), true]].sort(),
  );
  expect(await stateDigest(database)).toBe(await chainDigest(network.ledger));
  provider.destroy();
}, 60_000);

test("a ledger that does not answer is named", async () => {
  const rpcUrl = `http://127.0.0.1:${await freePort()}`;
  await expect(createLedgerClient({ rpcUrl, addresses: network.ledger.addresses })).rejects.toMatchObject({
    code: "ledger-unreachable",
    message: expect.stringContaining(rpcUrl),
  });
});
