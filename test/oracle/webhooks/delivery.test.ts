import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createKeyring } from "../../../services/ledger/keyring.ts";
import { createOracle } from "../../../services/oracle/index.ts";
import { pino } from "pino";
import { createPatientTranslator } from "../../../services/patients/index.ts";
import { isSignedWith, startReceiver } from "../../support/webhook-receiver.ts";
import type { Receiver } from "../../support/webhook-receiver.ts";
import { startOracle } from "../support.ts";
import type { TestOracle } from "../support.ts";

const SETTINGS = {
  privateTargets: true,
  timeoutMilliseconds: 250,
  firstRetryMilliseconds: 40,
  longestRetryMilliseconds: 200,
  disableAfterMilliseconds: 60_000,
  pollMilliseconds: 20,
};
const OURS = `0x${"11".repeat(32)}`;
const OTHERS = `0x${"22".repeat(32)}`;

type Participant = Awaited<ReturnType<TestOracle["participant"]>>;
let oracle: TestOracle;
let receiver: Receiver;
let centre: Participant;
let regulator: Participant;
let block: number;

beforeAll(async () => {
  oracle = await startOracle({ webhooks: SETTINGS });
  centre = await oracle.participant("treatment-centre");
  regulator = await oracle.participant("regulator");
  block = 0;
  await journey(OURS, centre.participantId);
  await journey(OTHERS, regulator.participantId);
  await mine();
}, 60_000);
afterAll(() => oracle.close());
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  await receiver.close();
  await oracle.database.updateTable("webhooks").set({ active: false }).execute();
  for (const table of ["webhook_deliveries", "webhooks", "chain_exceptions", "chain_exception_transitions"] as const)
    await oracle.database.deleteFrom(table).execute();
});

async function journey(journeyId: string, openedBy: string) {
  const flow_document_hash = `0x${"aa".repeat(32)}`;
  await oracle.database
    .insertInto("flows")
    .values({ name: "f", version: 1, document: "{}", document_hash: flow_document_hash })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const rest = { sealed_identity: null, identity_commitment: "0x", created_at_milliseconds: 0 };
  await oracle.database
    .insertInto("journeys")
    .values({ journey_id: journeyId, identity_index: journeyId, flow_document_hash, opened_by: openedBy, ...rest })
    .execute();
}

/** What the indexer does: rows and cursor in one transaction, then a hint. */
async function mine(write: (transaction: TestOracle["database"]) => Promise<unknown> = () => Promise.resolve()) {
  block += 1;
  await oracle.database.transaction().execute(async (transaction) => {
    await write(transaction);
    await transaction.deleteFrom("chain_cursor").execute();
    await transaction.insertInto("chain_cursor").values({ id: 1, block_number: block, block_hash: `0x${block}` }).execute();
  });
  oracle.notifications.publish({ type: "exception", journeyId: OURS, data: {}, atMilliseconds: Date.now() });
}

function raise(number: number, journeyId = OURS) {
  return mine((transaction) =>
    transaction
      .insertInto("chain_exceptions")
      .values({
        journey_id: journeyId,
        number,
        exception_key: `0x${journeyId.slice(2, 6)}${number}`,
        code: "identity-mismatch",
        class: 3,
        leg: 0,
        stage: 0,
        outcome: null,
        proposer: null,
        occurred_at: 1,
        raised_at: 2,
        due_at: 902,
        detail_commitment: "0x",
        block_number: block,
      })
      .execute(),
  );
}

function advance(number: number) {
  const rest = { participant_index: 1, signer: "0x", reason_hash: "0x", signed_at: 3, recorded_at: 3, signature: "0x", transaction_hash: "0x" };
  return mine((transaction) =>
    transaction
      .insertInto("chain_exception_transitions")
      .values({ journey_id: OURS, number, position: 0, from_stage: 0, to_stage: 1, block_number: block, ...rest })
      .execute(),
  );
}

async function register(who: Participant, url = receiver.url) {
  const { status, body } = await who.api("POST", "/webhooks", { url });
  expect(status).toBe(201);
  return body as { webhookId: string; secret: string };
}
const mine1 = async (who: Participant) => (await who.api("GET", "/webhooks")).body.webhooks[0];
async function until(condition: () => Promise<boolean>) {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("it did not come to that");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe("a webhook", () => {
  it("tells parties and the authority at once, signed, and says nothing of a patient", { timeout: 60_000 }, async () => {
    await raise(0);
    const own = await register(centre);
    const second = await startReceiver();
    const everything = await register(regulator, second.url);
    await raise(1);
    await raise(0, OTHERS);
    await advance(1);
    const [raised, advanced] = await receiver.until(2);
    if (raised === undefined || advanced === undefined) throw new Error("nothing came");
    const { id } = raised.json;
    expect(raised.json).toEqual({ id, type: "exception.raised", journeyId: OURS, number: 1, code: "identity-mismatch", class: "critical", stage: "detected" });
    expect(advanced.json).toMatchObject({ type: "exception.advanced", number: 1, from: "detected", stage: "classified" });
    expect(raised.headers["threadline-delivery"]).toBe(id);
    expect(isSignedWith(own.secret, raised)).toBe(true);
    expect(isSignedWith(everything.secret, raised)).toBe(false);
    expect(isSignedWith(own.secret, { ...raised, body: raised.body.replace("critical", "minor") })).toBe(false);
    expect((await second.until(3)).map(({ json }) => json["journeyId"])).toEqual([OURS, OTHERS, OURS]);
    // The journey of others, and what was before it was registered, never came.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(receiver.received).toHaveLength(2);
    await second.close();
  });

  it("tries again after a failure, in order, under the same id, until it is taken", { timeout: 60_000 }, async () => {
    await register(centre);
    const answers = [500, 302, null, 204];
    receiver.state.answer = (place) => (place < answers.length ? (answers[place] ?? null) : 204);
    await raise(0);
    await raise(1);
    const all = await receiver.until(5);
    expect(all.map(({ json }) => json["number"])).toEqual([0, 0, 0, 0, 1]);
    expect(new Set(all.slice(0, 4).map(({ json }) => json["id"])).size).toBe(1);
    await until(async () => (await mine1(centre)).pending === 0);
    expect(await mine1(centre)).toMatchObject({ active: true, failingSince: null, lastError: null });
    const rows = await oracle.database.selectFrom("webhook_deliveries").select(["status", "attempts"]).orderBy("delivery_number").execute();
    expect(rows).toEqual([{ status: "delivered", attempts: 4 }, { status: "delivered", attempts: 1 }]);
  });

  it("a slow receiver holds up nobody else", { timeout: 60_000 }, async () => {
    const slow = await startReceiver();
    slow.state.answer = () => null;
    await register(centre, slow.url);
    await register(centre);
    await raise(0);
    await raise(1);
    await receiver.until(2);
    expect((await mine1(centre)).pending).toBe(2);
    await slow.close();
  });

  it("goes on after a restart with what was not taken", { timeout: 60_000 }, async () => {
    await register(centre);
    const { port } = receiver;
    await receiver.close();
    await raise(0);
    await until(async () => /ECONNREFUSED/.test((await mine1(centre)).lastError ?? ""));
    const { database, notifications } = oracle;
    // A second node on the same database is what a restart leaves: nothing but the database is carried over.
    await oracle.database.updateTable("webhooks").set({ active: false }).execute();
    receiver = await startReceiver(port);
    const again = await createOracle(
      { port: 0, host: "127.0.0.1", webhooks: SETTINGS },
      {
        database,
        notifications,
        ledger: {} as never,
        patients: createPatientTranslator({ secret: new Uint8Array(32).fill(7) }, { database }),
        keyring: createKeyring(new Uint8Array(32).fill(7)),
        logger: pino({ level: "silent" }),
        health: () => Promise.resolve({ ok: true, parts: {} }),
        onOperation: () => undefined,
      },
    );
    await oracle.database.updateTable("webhooks").set({ active: true }).execute();
    const [first] = await receiver.until(1);
    expect(first?.json).toMatchObject({ number: 0 });
    await again.close();
  });

  it("is disabled after failing for too long, says so, and goes on when it is started again", { timeout: 60_000 }, async () => {
    const { webhookId } = await register(centre);
    receiver.state.answer = () => 503;
    await raise(0);
    await receiver.until(1);
    await oracle.database.updateTable("webhooks").set({ failing_since_milliseconds: Date.now() - 61_000 }).execute();
    await until(async () => !(await mine1(centre)).active);
    expect(await mine1(centre)).toMatchObject({ active: false, pending: 1, disabledReason: expect.stringContaining("the receiver answered 503") });
    const before = receiver.received.length;
    await raise(1);
    receiver.state.answer = () => 200;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(receiver.received).toHaveLength(before);
    expect((await regulator.api("POST", `/webhooks/${webhookId}/activation`, { active: true })).status).toBe(404);
    expect((await centre.api("POST", `/webhooks/${webhookId}/activation`, { active: true })).body).toMatchObject({ active: true, disabledReason: null });
    const all = await receiver.until(before + 2);
    expect(all.slice(before).map(({ json }) => json["number"])).toEqual([0, 1]);
  });

  it("signs with both secrets while one is changed, and only its owner changes it", { timeout: 60_000 }, async () => {
    const { webhookId, secret } = await register(centre);
    expect((await regulator.api("POST", `/webhooks/${webhookId}/secret`, {})).status).toBe(404);
    const { status, body } = await centre.api("POST", `/webhooks/${webhookId}/secret`, {});
    expect(status).toBe(201);
    await raise(0);
    const [both] = await receiver.until(1);
    if (both === undefined) throw new Error("nothing came");
    expect([isSignedWith(secret, both), isSignedWith(body.secret, both)]).toEqual([true, true]);
    await oracle.database.updateTable("webhooks").set({ previous_secret_until_milliseconds: Date.now() - 1 }).execute();
    await raise(1);
    const [, one] = await receiver.until(2);
    if (one === undefined) throw new Error("nothing came");
    expect([isSignedWith(secret, one), isSignedWith(body.secret, one)]).toEqual([false, true]);
  });

  it("keeps no secret readable, and shows none again", async () => {
    const { secret } = await register(centre);
    const rows = await oracle.database.selectFrom("webhooks").selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(JSON.stringify((await centre.api("GET", "/webhooks")).body)).not.toContain(secret);
    expect((await regulator.api("GET", "/webhooks")).body.webhooks).toEqual([]);
  });

  it("refuses a target it may not tell, and more webhooks than there may be", async () => {
    const strict = await startOracle({ webhooks: { perParticipant: 1 } });
    const someone = await strict.participant("logistics-provider");
    expect((await someone.api("POST", "/webhooks", { url: receiver.url })).body.detail).toContain("not https");
    expect((await someone.api("POST", "/webhooks", { url: "https://169.254.169.254/" })).status).toBe(400);
    expect((await someone.api("POST", "/webhooks", { url: "https://receiver.example/" })).status).toBe(201);
    expect((await someone.api("POST", "/webhooks", { url: "https://receiver.example/" })).status).toBe(409);
    await strict.close();
  });
});
