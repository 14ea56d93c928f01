import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { segmentContext } from "../../services/model/condition/context.ts";
import { segmentCircuitInputs, segmentPublicSignals } from "../../services/model/condition/circuit-inputs.ts";
import { createDeviceSigningKey, signSegment } from "../../services/model/condition/device-key.ts";
import { timeUnitSeconds } from "../../services/model/condition/profile.ts";
import { segmentToTick } from "../../services/model/condition/segment.ts";
import type { Segment } from "../../services/model/condition/segment.ts";
import { genesisBlinding, genesisState } from "../../services/model/condition/state.ts";
import { deviceIdOf } from "../../services/model/custody/identifiers.ts";
import { proofToCalldata } from "../../services/proving/prover/proof-calldata.ts";
import { createProverPool } from "../../services/proving/prover/prover-pool.ts";
import type { ProverPool } from "../../services/proving/prover/prover-pool.ts";
import { chainDigest, stateDigest } from "../../services/ledger/digest.ts";
import type { NewOperation } from "../../services/store/outbox.ts";
import { chainTime, hashOf, openJourney, registerFlow, startLedgerNetwork, TEST_FLOW } from "../support/ledger-network.ts";
import type { LedgerNetwork } from "../support/ledger-network.ts";
import { present } from "../support/present.ts";

const root = join(import.meta.dirname, "../..");
const deviceKey = createDeviceSigningKey(new Uint8Array(32).fill(9));
const deviceId = deviceIdOf("9506000134352LOGGER9");
const profile = present(TEST_FLOW.profiles[0]);
const unit = timeUnitSeconds(profile.longestGapSeconds);
let network: LedgerNetwork;
let prover: ProverPool;

beforeAll(async () => {
  network = await startLedgerNetwork();
  prover = await createProverPool({ workers: 1, circuitsDirectory: join(root, "circuits"), buildDirectory: join(root, "build/circuits") });
}, 120_000);
afterAll(async () => {
  await prover.close();
  await network.close();
});

/** Proves segments that continue one another, as the prover would, and gives the operations that submit them. */
async function provenSegments(journeyId: string, firstTick: number, count: number): Promise<NewOperation[]> {
  const context = segmentContext({ chainId: network.ledger.chainId, contract: network.ledger.addresses.conditionProofs, journeyId, leg: 0 });
  const operations: NewOperation[] = [];
  let state = { state: genesisState, blinding: genesisBlinding, tick: firstTick };
  for (let number = 0; number < count; number += 1) {
    const readings = [277, 278, 279].map((kelvin, place) => ({
      temperatureCentikelvin: kelvin * 100 + 15,
      tiltDegrees: 255,
      stepTicks: number === 0 && place === 0 ? 0 : Math.floor(60 / unit),
    }));
    const segment: Segment = { context, fromTick: state.tick, readings, salt: BigInt(`0x${randomBytes(31).toString("hex")}`) };
    const blindingAfter = BigInt(`0x${randomBytes(31).toString("hex")}`);
    const statement = {
      segment,
      publicKey: deviceKey.publicKey,
      profile,
      stateBefore: state.state,
      blindingBefore: state.blinding,
      blindingAfter,
      signature: signSegment(segment, deviceKey),
    };
    const { named, stateAfter } = segmentPublicSignals(statement);
    const { a, b, c } = proofToCalldata((await prover.prove("condition-segment", segmentCircuitInputs(statement))).proof);
    const readingsCommitment = named.readingsCommitment.toString();
    const tick = segmentToTick(segment);
    operations.push({
      idempotencyKey: `segment:${readingsCommitment}`,
      kind: "submit-segment",
      journeyId,
      payload: {
        journeyId,
        leg: 0,
        from: segment.fromTick * unit,
        to: tick * unit,
        stateBefore: named.stateBefore.toString(),
        stateAfter: named.stateAfter.toString(),
        readingsCommitment,
        proofA: a.map(String),
        proofB: b.map((pair) => pair.map(String)),
        proofC: c.map(String),
      },
    });
    state = { state: stateAfter, blinding: blindingAfter, tick };
  }
  return operations;
}

test("proven segments of one leg go four to a transaction; one that does not continue is refused by name", async () => {
  const { database } = network.store;
  const now = await chainTime(network.anvil);
  const { operation: register, participantId } = await network.addParticipant("9506000134352", ["apheresis-centre"]);
  const { journeyId, operation: open } = openJourney("segments");
  const device = {
    deviceId,
    owner: participantId,
    publicKeyX: deviceKey.publicKey[0].toString(),
    publicKeyY: deviceKey.publicKey[1].toString(),
    messageKeyHash: hashOf("message key"),
    attestation: 0,
  };
  await network.enqueue(
    register,
    registerFlow,
    open,
    { idempotencyKey: "enrol", kind: "enrol-device", journeyId: null, payload: device },
    { idempotencyKey: "calibrate", kind: "calibrate-device", journeyId: null, payload: { deviceId, calibratedFrom: now - 86_400, calibratedUntil: now + 86_400 } },
    { idempotencyKey: "assign", kind: "assign-device", journeyId, payload: { journeyId, leg: 0, deviceId, assignedFrom: now } },
  );
  const segments = await provenSegments(journeyId, Math.ceil(now / unit), 6);
  const [first, second, third, fourth, fifth, sixth] = segments as [NewOperation, NewOperation, NewOperation, NewOperation, NewOperation, NewOperation];
  await network.enqueue(first, second, third, fourth, sixth);
  await network.settle();
  const status = async (of: NewOperation) =>
    database.selectFrom("ledger_operations").selectAll().where("idempotency_key", "=", of.idempotencyKey).executeTakeFirstOrThrow();
  expect(await status(sixth)).toMatchObject({ status: "refused", error: expect.stringMatching(/^ConditionProofsDoesNotContinue\(/) });
  await network.enqueue(fifth, sixth);
  await network.settle();
  const rows = await Promise.all(segments.map(status));
  expect(rows.map((row) => row.status)).toEqual(segments.map(() => "recorded"));
  expect(new Set(rows.slice(0, 4).map((row) => row.transaction_number)).size).toBe(1);

  const forged: NewOperation = { ...first, idempotencyKey: "forged", payload: { ...sixth.payload, readingsCommitment: "5", from: sixth.payload["to"], to: (sixth.payload["to"] as number) + 60 } };
  await network.enqueue(forged);
  await network.settle();
  expect(await status(forged)).toMatchObject({ status: "refused", error: expect.stringMatching(/^ConditionProofsNotProven\(/) });

  const recorded = await database.selectFrom("chain_segments").selectAll().orderBy("number").execute();
  expect(recorded.map((row) => row.readings_commitment)).toEqual(segments.map((segment) => segment.payload["readingsCommitment"]));
  expect(recorded.slice(1).map((row) => row.state_before)).toEqual(recorded.slice(0, -1).map((row) => row.state_after));
  expect(await stateDigest(database)).toBe(await chainDigest(network.ledger));
}, 120_000);
