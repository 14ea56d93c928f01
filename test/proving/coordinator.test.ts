import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createProvingCoordinator } from "../../services/proving/coordinator.ts";
import type { ProofQueue } from "../../services/proving/proof-queue.ts";
import { createProverPool } from "../../services/proving/prover/prover-pool.ts";
import type { ProverPool } from "../../services/proving/prover/prover-pool.ts";
import { READINGS_PER_SEGMENT, genesisCommitment } from "../../services/model/condition/index.ts";
import { proposeInterval } from "../../services/proving/interval-proposal.ts";
import { createLegRules } from "../../services/proving/leg-rules.ts";
import type { OpenDatabase } from "../../services/store/database.ts";
import { GIAI, LEDGER, START, createEdge, openSharedDatabase } from "../telemetry/support/edge.ts";
import type { Edge } from "../telemetry/support/edge.ts";
import { projectRoot } from "../support/threadline.ts";

/** Real device, broker, bridge, database and prover: what a leg's segments become. */
describe("proving coordinator", () => {
  let shared: OpenDatabase;
  let prover: ProverPool;
  let edge: Edge;
  let coordinator: ProofQueue | undefined;

  beforeAll(async () => {
    shared = await openSharedDatabase();
    prover = await createProverPool({ workers: 2, circuitsDirectory: join(projectRoot, "circuits"), buildDirectory: join(projectRoot, "build", "circuits") });
  });
  beforeEach(async () => {
    edge = await createEdge(shared);
  });
  afterEach(async () => {
    await coordinator?.close();
    await edge.close();
  });
  afterAll(async () => {
    await prover.close();
    await shared.close();
  });

  const start = () =>
    (coordinator = createProvingCoordinator(
      { chainId: LEDGER.chainId, conditionProofs: LEDGER.conditionProofsAddress, concurrency: 2, sweepMilliseconds: 100 },
      { database: edge.database, prover, logger: pino({ level: "silent" }), onOperation: () => undefined },
    ));
  const stream = async (readings: { temperatureCelsius: number; minute: number }[]) => {
    await edge.bridge();
    const device = edge.device({ readingsPerMessage: 50 });
    await device.assignment();
    await device.publishReadings(readings.map(({ temperatureCelsius, minute }) => ({ timeSeconds: START + minute * 60, temperatureCelsius, tiltDegrees: 3 })));
    await device.seal();
    await device.drained(30);
  };
  const segments = () => edge.database.selectFrom("segments").selectAll().orderBy("from_tick").execute();
  const submissions = () => edge.database.selectFrom("ledger_operations").selectAll().where("kind", "=", "submit-segment").orderBy("operation_number").execute();
  const until = async (condition: () => Promise<boolean>) => {
    for (const end = Date.now() + 90_000; !(await condition()); await sleep(100)) if (Date.now() > end) throw new Error("waited too long");
  };

  it("proves a leg's segments and hands them over in chain order, each state continuing the one before", async () => {
    await stream(Array.from({ length: READINGS_PER_SEGMENT + 20 }, (_, minute) => ({ temperatureCelsius: 5, minute })));
    start();
    await until(async () => (await submissions()).length === 2);
    const payloads = (await submissions()).map((row) => JSON.parse(row.payload) as Record<string, string>);
    expect(payloads[1]?.["stateBefore"]).toBe(payloads[0]?.["stateAfter"]);
    expect(payloads[1]?.["from"]).toBe(payloads[0]?.["to"]);
    expect(new Set((await segments()).map((row) => row.status))).toEqual(new Set(["proven"]));
  });

  it("makes the same statement again after a crash, and submits once", async () => {
    await stream(Array.from({ length: 10 }, (_, minute) => ({ temperatureCelsius: 5, minute })));
    start();
    await until(async () => (await segments()).some((row) => row.status !== "sealed"));
    await coordinator?.close();
    const [planned] = await segments();
    await edge.database.deleteFrom("ledger_operations").where("kind", "=", "submit-segment").execute();
    await edge.database.updateTable("segments").set({ status: "proving", proof: null }).execute();
    start();
    await until(async () => (await submissions()).length === 1);
    const [proven] = await segments();
    expect(proven).toMatchObject({ state_before: planned?.state_before, state_after: planned?.state_after, blinding_after: planned?.blinding_after });
    coordinator?.notify();
    await sleep(500);
    expect(await submissions()).toHaveLength(1);
  });

  it("has no proof for a segment over its budget, nor for what follows it, and names the exception", async () => {
    const minutes = Array.from({ length: READINGS_PER_SEGMENT + 20 }, (_, minute) => ({ temperatureCelsius: minute >= 40 && minute < 50 ? 12 : 5, minute }));
    await stream(minutes);
    start();
    await until(async () => (await segments()).every((row) => row.status === "unprovable"));
    const reasons = (await segments()).map((row) => row.reason);
    expect(reasons[0]).toMatch(/breaks its limits: temperature-excursion/);
    expect(reasons[1]).toMatch(/before it has no proof/);
    expect(await submissions()).toHaveLength(0);
    expect((await edge.exceptions()).map((exception) => exception.code)).toEqual(["temperature-excursion"]);
  });

  it("waits for a segment that is still on its way", async () => {
    await stream(Array.from({ length: READINGS_PER_SEGMENT + 20 }, (_, minute) => ({ temperatureCelsius: 5, minute })));
    const [first] = await segments();
    await edge.database.deleteFrom("segments").where("readings_commitment", "=", first?.readings_commitment ?? "").execute();
    const message = await edge.database.selectFrom("telemetry_messages").selectAll().where("kind", "=", "segment").orderBy("sequence").executeTakeFirstOrThrow();
    await edge.database.deleteFrom("telemetry_messages").where("sequence", "=", message.sequence).execute();
    start();
    await sleep(1_000);
    expect((await segments()).map((row) => row.status)).toEqual(["sealed"]);
    await edge.database.insertInto("telemetry_messages").values(message).execute();
    await edge.database.insertInto("segments").values(first as NonNullable<typeof first>).execute();
    await until(async () => (await submissions()).length === 2);
  });

  it("raises signature-invalid for a segment whose BabyJubJub signature is another's", async () => {
    await stream(Array.from({ length: 5 }, (_, minute) => ({ temperatureCelsius: 5, minute })));
    const [sealed] = await segments();
    const body = JSON.parse(sealed?.body ?? "{}") as { signature: { S: string } };
    body.signature.S = (BigInt(body.signature.S) - 1n).toString();
    await edge.database.updateTable("segments").set({ body: JSON.stringify(body) }).execute();
    start();
    await until(async () => (await segments()).every((row) => row.status === "unprovable"));
    expect(await edge.exceptions()).toEqual([expect.objectContaining({ code: "signature-invalid", leg: 0 })]);
    expect((await segments())[0]?.giai).toBe(GIAI);
  });

  describe("after an interval was accepted without proof", () => {
    const rules = () => createLegRules(edge.database, { chainId: LEDGER.chainId, conditionProofs: LEDGER.conditionProofsAddress })(edge.journeyId, 0);
    const propose = async (coveredUntil: number, endedAt: number | null = null) =>
      proposeInterval(edge.database, { journeyId: edge.journeyId, leg: 0, coveredUntil, endedAt }, await rules());
    const accept = (number: number, from: number, to: number) =>
      edge.database
        .insertInto("chain_interval_acceptances")
        .values({
          journey_id: edge.journeyId, leg: 0, number, from_seconds: from, to_seconds: to, exception_number: number, participant_index: 1,
          signer: "0x00", signed_at: to, recorded_at: to, transaction_hash: "0x00",
        })
        .execute();
    const bounds = async () => (await segments()).map((row) => ({ from: row.from_tick, to: row.to_tick, status: row.status }));

    it("proposes exactly the run that cannot be proven, and goes on from its end with fresh totals", async () => {
      const warm = (minute: number) => minute >= 200 && minute < 215;
      await stream(Array.from({ length: 3 * READINGS_PER_SEGMENT }, (_, minute) => ({ temperatureCelsius: warm(minute) ? 12 : 5, minute })));
      start();
      await until(async () => (await bounds()).every(({ status }) => status === "proven" || status === "unprovable"));
      const [proven, broken, next] = await segments();
      expect([proven?.status, broken?.status, next?.status]).toEqual(["proven", "unprovable", "unprovable"]);
      const unit = (await rules()).unitSeconds;
      const [from, to] = [(broken?.from_tick ?? 0) * unit, (broken?.to_tick ?? 0) * unit];
      expect(await propose(START)).toMatch(/wait for its proof/);
      expect(await propose(from)).toEqual({ from, to });
      expect(await propose(from, to - 60)).toEqual({ from, to: to - 60 });
      await accept(0, from, to);
      await until(async () => (await bounds()).slice(2).every(({ status }) => status === "proven"));
      expect((await segments())[1]?.status).toBe("unprovable");
      const payloads = (await submissions()).map((row) => JSON.parse(row.payload) as { from: number; stateBefore: string });
      expect(payloads.map((payload) => payload.from)).toEqual([START, to]);
      expect(payloads[1]?.stateBefore).toBe(payloads[0]?.stateBefore);
      expect(payloads[1]?.stateBefore).toBe(genesisCommitment.toString());
      expect(await propose(to, to + 7_200_000)).toMatch(/wait for its proof/);
    });

    it("names the limits broken again as another exception, and leaves what lies before the interval's end", async () => {
      const warm = (minute: number) => minute % READINGS_PER_SEGMENT >= 40 && minute % READINGS_PER_SEGMENT < 55;
      await stream(Array.from({ length: 2 * READINGS_PER_SEGMENT }, (_, minute) => ({ temperatureCelsius: warm(minute) ? 12 : 5, minute })));
      start();
      await until(async () => (await bounds()).every(({ status }) => status === "unprovable"));
      expect((await edge.exceptions()).map(({ code }) => code)).toEqual(["temperature-excursion"]);
      const [first] = await bounds();
      const unit = (await rules()).unitSeconds;
      const to = (first?.to ?? 0) * unit;
      await accept(0, START, to);
      await until(async () => (await edge.exceptions()).length === 2);
      expect((await edge.exceptions()).map(({ code }) => code)).toEqual(["temperature-excursion", "temperature-excursion"]);
      expect((await bounds()).map(({ status }) => status)).toEqual((await bounds()).map(() => "unprovable"));
      expect(await submissions()).toHaveLength(0);
      const last = (await bounds()).at(-1);
      expect(await propose(to, (last?.to ?? 0) * unit)).toEqual({ from: to, to: (last?.to ?? 0) * unit });
    });

    it("proposes the whole leg when nothing was received, and nothing while more may come", async () => {
      expect(await propose(0)).toMatch(/not started/);
      expect(await propose(START)).toMatch(/open until readings come or the leg ends/);
      expect(await propose(START, START + 7_200)).toEqual({ from: START, to: START + 7_200 });
      expect(await propose(START + 7_200, START + 7_200)).toMatch(/covered to its end/);
    });
  });
});
