import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDeviceSigningKey } from "../../services/model/condition/device-key.ts";
import { deviceIdOf } from "../../services/model/custody/identifiers.ts";
import { chainDigest, stateDigest } from "../../services/ledger/digest.ts";
import { recordException } from "../../services/store/exception-details.ts";
import type { NewOperation } from "../../services/store/outbox.ts";
import { chainTime, custodyEvent, hashOf, openJourney, randomHash, registerFlow, startLedgerNetwork } from "../support/ledger-network.ts";
import type { LedgerNetwork } from "../support/ledger-network.ts";
import { present } from "../support/present.ts";

let network: LedgerNetwork;
let centre: string;
let qualified: string;
let qualifiedAccount: string;
let now: number;

beforeAll(async () => {
  network = await startLedgerNetwork();
  now = await chainTime(network.anvil);
  const apheresis = await network.addParticipant("9506000134352", ["apheresis-centre"]);
  const person = await network.addParticipant("9506000134369", ["qualified-person"]);
  [centre, qualified, qualifiedAccount] = [apheresis.participantId, person.participantId, person.account];
  await network.enqueue(apheresis.operation, person.operation, registerFlow);
  await network.settle();
}, 60_000);
afterAll(() => network.close());

const operation = async (idempotencyKey: string) =>
  network.store.database.selectFrom("ledger_operations").selectAll().where("idempotency_key", "=", idempotencyKey).executeTakeFirstOrThrow();

async function recordedJourney(name: string): Promise<string> {
  const { journeyId, operation: open } = openJourney(name);
  await network.enqueue(open);
  await network.settle();
  return journeyId;
}

describe("a journey from registration to release", () => {
  test("every kind of operation is recorded, and only by the index", async () => {
    const { database } = network.store;
    const deviceKey = createDeviceSigningKey(new Uint8Array(32).fill(3));
    const deviceId = deviceIdOf("9506000134352LOGGER1");
    const { journeyId, operation: open } = openJourney("every-kind");
    const device: NewOperation[] = [
      {
        idempotencyKey: "enrol",
        kind: "enrol-device",
        journeyId: null,
        payload: {
          deviceId,
          owner: centre,
          publicKeyX: deviceKey.publicKey[0].toString(),
          publicKeyY: deviceKey.publicKey[1].toString(),
          messageKeyHash: hashOf("message key"),
          attestation: 0,
        },
      },
      { idempotencyKey: "calibrate", kind: "calibrate-device", journeyId: null, payload: { deviceId, calibratedFrom: now - 1000, calibratedUntil: now + 100_000 } },
      { idempotencyKey: "assign", kind: "assign-device", journeyId, payload: { journeyId, leg: 0, deviceId, assignedFrom: now } },
      { idempotencyKey: "revoke", kind: "revoke-device", journeyId: null, payload: { deviceId, revokedFrom: now + 50_000 } },
    ];
    const [enrol, calibrate, assign, revoke] = device as [NewOperation, NewOperation, NewOperation, NewOperation];
    await network.enqueue(enrol, calibrate, open, assign, custodyEvent(journeyId, centre, 0, now), custodyEvent(journeyId, centre, 2, now + 1), revoke);
    await database.transaction().execute((transaction) =>
      recordException(transaction, { journeyId, code: "sensor-gap", leg: 0, occurredAt: now, observed: 900, limit: 240, unit: "seconds", message: "gap", key: "1" }),
    );
    await network.relay.flush();
    const statuses = async () => (await database.selectFrom("ledger_operations").select(["kind", "status"]).execute()).map(({ kind, status }) => `${kind} ${status}`);
    expect((await statuses()).slice(3).every((status) => status.endsWith("submitted"))).toBe(true);
    await network.indexer.catchUp();
    expect((await statuses()).filter((status) => !status.endsWith("recorded"))).toEqual([]);

    const release: NewOperation = { idempotencyKey: `release:${journeyId}:0`, kind: "release-gate", journeyId, payload: { journeyId, gate: 0, participantId: qualified } };
    await network.enqueue(release);
    await network.settle();
    expect(await operation(release.idempotencyKey)).toMatchObject({ status: "refused", error: expect.stringMatching(/^ReleaseRegisterNotReleasable\(journeyId=0x/) });

    const approver = await network.addParticipant("9506000134406", ["qualified-person"]);
    const way = ["detected", "classified", "under-assessment", "acceptance-proposed", "accepted"] as const;
    const transition = (to: number, account: string): NewOperation => ({
      idempotencyKey: `advance:${to}:${account}`,
      kind: "advance-exception",
      journeyId,
      payload: { journeyId, number: 0, from: way[to - 1], to: way[to], reasonHash: hashOf(`reason ${to}`), account, signed: null },
    });
    const bySamePerson = transition(4, qualifiedAccount);
    await network.enqueue(approver.operation, transition(1, qualifiedAccount), transition(2, qualifiedAccount), transition(3, qualifiedAccount), bySamePerson);
    await network.settle();
    expect(await operation(bySamePerson.idempotencyKey)).toMatchObject({ status: "refused", error: expect.stringMatching(/^ExceptionRegisterSamePerson\(/) });
    await database.deleteFrom("ledger_operations").where("idempotency_key", "=", bySamePerson.idempotencyKey).execute();

    await network.enqueue(transition(4, approver.account), release);
    await network.settle();
    expect((await statuses()).filter((status) => !status.endsWith("recorded"))).toEqual([]);
    expect(await database.selectFrom("chain_releases").selectAll().execute()).toHaveLength(1);
    expect(await database.selectFrom("chain_exceptions").selectAll().execute()).toMatchObject([{ code: "sensor-gap", leg: 1, class: 2, stage: 9, outcome: 9, due_at: expect.any(Number) }]);
    const moved = await database.selectFrom("chain_exception_transitions").selectAll().orderBy("position").execute();
    expect(moved.map((row) => [row.position, row.from_stage, row.to_stage, row.reason_hash])).toEqual([
      [0, 0, 1, hashOf("reason 1")],
      [1, 1, 2, hashOf("reason 2")],
      [2, 2, 7, hashOf("reason 3")],
      [3, 7, 9, hashOf("reason 4")],
    ]);
    expect(await database.selectFrom("chain_devices").selectAll().execute()).toMatchObject([{ device_id: deviceId, revoked_from: now + 50_000 }]);
    const journey = await database.selectFrom("chain_journeys").selectAll().where("journey_id", "=", journeyId).executeTakeFirstOrThrow();
    const [head] = (await network.ledger.read("custodyLedger", "head", [journeyId])) as unknown as [string];
    expect(journey).toMatchObject({ head, event_count: 2 });
    expect(await stateDigest(database)).toBe(await chainDigest(network.ledger));
  }, 60_000);
});

describe("batches", () => {
  test("custody events of many journeys go in few transactions and keep each journey's order", async () => {
    const { database } = network.store;
    const journeys = Array.from({ length: 7 }, (_, index) => openJourney(`batch-${index}`));
    await network.enqueue(...journeys.map(({ operation: open }) => open));
    const events = Array.from({ length: 210 }, (_, index) => custodyEvent(present(journeys[index % 7]).journeyId, centre, index < 7 ? 0 : 1, now + index));
    await network.enqueue(...events);
    await network.settle();
    const rows = await database.selectFrom("ledger_operations").selectAll().where("idempotency_key", "in", events.map((event) => event.idempotencyKey)).execute();
    expect(rows.filter((row) => row.status !== "recorded")).toEqual([]);
    expect(new Set(rows.map((row) => row.transaction_number)).size).toBe(3);
    for (const { journeyId } of journeys) {
      const recorded = await database.selectFrom("chain_custody_events").select("commitment").where("journey_id", "=", journeyId).orderBy("sequence").execute();
      const asked = events.filter((event) => event.journeyId === journeyId).map((event) => event.payload["commitment"]);
      expect(recorded.map((row) => row.commitment)).toEqual(asked);
    }
  }, 60_000);

  test("operations that cannot be recorded are refused by name and hold up none of the others", async () => {
    const journeyId = await recordedJourney("mixed");
    const stranger = await network.addParticipant("9506000134376", ["apheresis-centre"]);
    const good = Array.from({ length: 20 }, (_, index) => custodyEvent(journeyId, centre, index === 0 ? 0 : 1, now + index));
    const unknownJourney = custodyEvent(randomHash(), centre, 0, now);
    const notRegistered = custodyEvent(journeyId, stranger.participantId, 1, now);
    const notHosted = custodyEvent(journeyId, randomHash(), 1, now);
    const malformed: NewOperation = { ...custodyEvent(journeyId, centre, 1, now), idempotencyKey: "malformed" };
    malformed.payload["step"] = 300;
    const noFlow = openJourney("no flow");
    noFlow.operation.payload["flowDocumentHash"] = randomHash();
    const order = [...good.slice(0, 9), unknownJourney, ...good.slice(9, 15), notRegistered, notHosted, malformed, noFlow.operation, ...good.slice(15)];
    await network.enqueue(...order);
    await network.settle();
    for (const event of good) expect(await operation(event.idempotencyKey)).toMatchObject({ status: "recorded", error: null });
    const refusal = async (of: NewOperation) => {
      const row = await operation(of.idempotencyKey);
      expect(row.status).toBe("refused");
      return row.error;
    };
    expect(await refusal(unknownJourney)).toBe(`CustodyLedgerUnknownJourney(journeyId=${unknownJourney.journeyId})`);
    expect(await refusal(notRegistered)).toMatch(/^CustodyLedgerInvalidSignature\(.*recovered=0x/);
    expect(await refusal(notHosted)).toMatch(/^participant-not-hosted: /);
    expect(await refusal(malformed)).toMatch(/^operation-invalid: .*step/);
    expect(await refusal(noFlow.operation)).toMatch(/^flow-not-registered: /);
  }, 60_000);

  test("an event that breaks the flow is recorded, with its exceptions beside it", async () => {
    const journeyId = await recordedJourney("broken");
    const early = custodyEvent(journeyId, centre, 2, now - 2 * 86_400);
    await network.enqueue(early);
    await network.settle();
    const rows = await network.store.database.selectFrom("chain_exceptions").select("code").where("journey_id", "=", journeyId).orderBy("number").execute();
    expect(rows.map((row) => row.code)).toEqual(expect.arrayContaining(["step-out-of-order", "custody-gap", "late-entry"]));
  }, 60_000);
});

test("a relay that runs takes up new operations by itself and the notifications tell of them", async () => {
  const journeyId = await recordedJourney("running");
  const relay = await network.newRelay();
  relay.start();
  network.indexer.start();
  const event = custodyEvent(journeyId, centre, 0, now);
  const startedAt = Date.now();
  await network.enqueue(event);
  relay.notify();
  while ((await operation(event.idempotencyKey)).status !== "recorded") await new Promise((resolve) => setTimeout(resolve, 5));
  expect(Date.now() - startedAt).toBeLessThan(2_000);
  await relay.close();
  await expect(relay.flush()).rejects.toMatchObject({ code: "closed" });
}, 60_000);
