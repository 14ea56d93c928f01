import { id } from "ethers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { chainDigest, stateDigest } from "../../services/ledger/digest.ts";
import { codeToBytes32 } from "../../services/model/custody/identifiers.ts";
import type { NewOperation } from "../../services/store/outbox.ts";
import { rpc } from "../support/anvil.ts";
import { chainTime, custodyEvent, openJourney, registerFlow, startLedgerNetwork } from "../support/ledger-network.ts";
import type { LedgerNetwork } from "../support/ledger-network.ts";
import { present } from "../support/present.ts";

const GATE = 0;
const RECEIVE = 2;

/** A journey released and gone on with; then its chain loses all of it. */
describe("a chain that loses a release", () => {
  let network: LedgerNetwork;
  let centre: string;
  let qualified: string;
  let journeyId: string;
  let snapshot: unknown;
  let asked: NewOperation[];
  let release: NewOperation;
  let journeys = 0;

  beforeAll(async () => {
    network = await startLedgerNetwork();
    const apheresis = await network.addParticipant("9506000134352", ["apheresis-centre"]);
    const person = await network.addParticipant("9506000134369", ["qualified-person"]);
    [centre, qualified] = [apheresis.participantId, person.participantId];
    await network.enqueue(apheresis.operation, person.operation, registerFlow);
    await network.settle();
  }, 60_000);
  afterAll(() => network.close());

  beforeEach(async () => {
    journeys += 1;
    const opened = openJourney(`lost release ${journeys}`);
    journeyId = opened.journeyId;
    await network.enqueue(opened.operation);
    await network.settle();
    snapshot = await rpc(network.anvil.rpcUrl, "evm_snapshot");
    const now = await chainTime(network.anvil);
    asked = [0, RECEIVE, 1].map((step, index) => custodyEvent(journeyId, centre, step, now + index));
    release = { idempotencyKey: `release:${journeyId}`, kind: "release-gate", journeyId, payload: { journeyId, gate: GATE, participantId: qualified } };
    await network.enqueue(...asked.slice(0, 2));
    await network.settle();
    await network.enqueue(release);
    await network.settle();
    await network.enqueue(...asked.slice(2));
    await network.settle();
  });

  async function lose(afterSeconds: number): Promise<void> {
    await rpc(network.anvil.rpcUrl, "evm_revert", [snapshot]);
    await rpc(network.anvil.rpcUrl, "evm_increaseTime", [afterSeconds]);
    await rpc(network.anvil.rpcUrl, "anvil_mine", ["0x1"]);
  }
  const transactions = () => network.store.database.selectFrom("ledger_transactions").selectAll().orderBy("nonce").execute();
  const released = () => network.store.database.selectFrom("chain_releases").selectAll().where("journey_id", "=", journeyId).executeTakeFirst();
  const eventsNow = () => network.store.database.selectFrom("chain_custody_events").selectAll().where("journey_id", "=", journeyId).orderBy("sequence").execute();
  const operation = ({ idempotencyKey }: NewOperation) =>
    network.store.database.selectFrom("ledger_operations").selectAll().where("idempotency_key", "=", idempotencyKey).executeTakeFirstOrThrow();

  test.each([
    ["by a relay that goes on", false],
    ["by another relay", true],
  ])("gets it back over the record as it is then, in its place, everything else byte for byte: %s", async (_what, anew) => {
    const before = await transactions();
    const { transaction_number: number } = await operation(release);
    await loseAndRegain(3_600, anew);
    const now = await transactions();
    expect(now.map(({ nonce, status }) => ({ nonce, status }))).toEqual(before.map(({ nonce, status }) => ({ nonce, status })));
    const other = now.filter((row, index) => row.raw !== before[index]?.raw);
    expect(other.map((row) => row.transaction_number)).toEqual([number]);
  }, 60_000);

  test("gets it back in its place more than a day later, when events cost more for being late and signatures are too old", async () => {
    await loseAndRegain(90_000, true);
  }, 60_000);

  async function loseAndRegain(afterSeconds: number, byAnother: boolean): Promise<void> {
    const releaseBefore = present(await released());
    await lose(afterSeconds);
    await network.indexer.catchUp();
    expect((await operation(release)).status).toBe("submitted");
    await network.settle(byAnother ? await network.newRelay() : network.relay);
    const events = await eventsNow();
    expect(events.map(({ commitment }) => commitment)).toEqual(asked.map(({ payload }) => payload["commitment"]));
    const releaseNow = present(await released());
    expect(releaseNow.head).toBe(events[1]?.head);
    expect(releaseNow.head).not.toBe(releaseBefore.head);
    expect(releaseNow.signer).toBe(releaseBefore.signer);
    expect(releaseNow.released_at).toBeGreaterThanOrEqual(releaseBefore.released_at + afterSeconds - 60);
    expect((await operation(release)).status).toBe("recorded");
    expect(await stateDigest(network.store.database)).toBe(await chainDigest(network.ledger));
  }

  test("refuses it when the record of then does not allow it, says why, and goes on with the rest in its place", async () => {
    const { exceptionRegister, custodyLedger } = network.ledger.addresses;
    const before = (await transactions()).length - 3;
    await lose(3_600);
    await rpc(network.anvil.rpcUrl, "anvil_impersonateAccount", [custodyLedger]);
    const values = [id(`found ${journeys}`), journeyId, codeToBytes32("custody-gap"), 0, await chainTime(network.anvil), id("detail")];
    const data = network.ledger.interfaces.exceptionRegister.encodeFunctionData("raise", values);
    const hash = await rpc(network.anvil.rpcUrl, "eth_sendTransaction", [{ from: custodyLedger, to: exceptionRegister, data, gasPrice: "0x0" }]);
    while ((await rpc(network.anvil.rpcUrl, "eth_getTransactionReceipt", [hash])) === null) await new Promise((resolve) => setTimeout(resolve, 5));
    await network.indexer.catchUp();
    await network.settle(await network.newRelay());
    await network.settle();

    expect(await released()).toBeUndefined();
    expect(await operation(release)).toMatchObject({ status: "refused", error: expect.stringContaining("ReleaseRegisterNotReleasable") });
    expect((await eventsNow()).map(({ commitment }) => commitment)).toEqual(asked.map(({ payload }) => payload["commitment"]));
    expect((await transactions()).slice(before).map(({ status }) => status)).toEqual(["mined", "mined", "mined"]);
    expect(await stateDigest(network.store.database)).toBe(await chainDigest(network.ledger));
  }, 60_000);
});
