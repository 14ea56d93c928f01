import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chainDigest, stateDigest } from "../../services/ledger/digest.ts";
import { rpc, startAnvil } from "../support/anvil.ts";
import type { Anvil } from "../support/anvil.ts";
import { chainTime, custodyEvent, openJourney, registerFlow, startLedgerNetwork } from "../support/ledger-network.ts";
import type { LedgerNetwork } from "../support/ledger-network.ts";

let directory: string;
let network: LedgerNetwork;
let restarted: Anvil | undefined;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "threadline-chain-"));
  network = await startLedgerNetwork(join(directory, "state.json"));
}, 60_000);
afterAll(async () => {
  await network.close();
  await restarted?.close();
  rmSync(directory, { recursive: true, force: true });
});

test("a chain killed with the blocks since its last snapshot gets them back, each event once", async () => {
  const { database } = network.store;
  const now = await chainTime(network.anvil);
  const { operation: register, participantId } = await network.addParticipant("9506000134352", ["apheresis-centre"]);
  const { journeyId, operation: open } = openJourney("killed");
  const asked = [0, 1, 1, 1, 1].map((step, index) => custodyEvent(journeyId, participantId, step, now + index));
  await network.enqueue(register, registerFlow, open, ...asked.slice(0, 1));
  await network.settle();
  await network.anvil.kill("SIGTERM");
  const { port } = network.anvil;
  const statePath = join(directory, "state.json");
  const second = await startAnvil({ port, statePath });
  await network.settle();
  const kept = await rpc(second.rpcUrl, "eth_blockNumber");
  for (const event of asked.slice(1)) {
    await network.enqueue(event);
    await network.settle();
  }
  const digestBefore = (await database.selectFrom("chain_custody_events").select("commitment").orderBy("sequence").execute()).map((row) => row.commitment);
  await second.kill("SIGKILL");
  restarted = await startAnvil({ port, statePath });
  expect(await rpc(restarted.rpcUrl, "eth_blockNumber")).toBe(kept);

  await network.settle();
  const recorded = await database.selectFrom("chain_custody_events").select(["commitment", "sequence"]).orderBy("sequence").execute();
  expect(recorded.map((row) => row.commitment)).toEqual(asked.map((event) => event.payload["commitment"]));
  expect(recorded.map((row) => row.commitment)).toEqual(digestBefore);
  const statuses = await database.selectFrom("ledger_operations").select("status").distinct().execute();
  expect(statuses).toEqual([{ status: "recorded" }]);
  expect(await stateDigest(database)).toBe(await chainDigest(network.ledger));
}, 90_000);
