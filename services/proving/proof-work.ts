import { sql } from "kysely";
import type { Kysely, Selectable } from "kysely";
import { segmentCircuitInputs, segmentPublicSignals } from "../model/condition/index.ts";
import { ThreadlineError } from "../model/errors.ts";
import { recordException } from "../store/exception-details.ts";
import { enqueueOperation } from "../store/outbox.ts";
import type { Database, SegmentRow } from "../store/schema.ts";
import type { LegRulesOf } from "./leg-rules.ts";
import { proofToCalldata } from "./prover/proof-calldata.ts";
import type { ProverPool } from "./prover/prover-pool.ts";
import { parseStoredSegment, stateFromText } from "./stored-segment.ts";

type Row = Selectable<SegmentRow>;

/** Makes one planned segment's proof, keeps it, and hands over what the ledger can take next. */
export async function proveSegment(database: Kysely<Database>, rulesOf: LegRulesOf, prover: ProverPool, row: Row): Promise<void> {
  const statement = await statementOf(database, rulesOf, row);
  try {
    const { proof, provingSeconds } = await prover.prove("condition-segment", segmentCircuitInputs(statement));
    const { a, b, c } = proofToCalldata(proof);
    await database
      .updateTable("segments")
      .set({
        status: "proven",
        proof: JSON.stringify({ proofA: a.map(String), proofB: b.map((pair) => pair.map(String)), proofC: c.map(String) }),
        proving_seconds: provingSeconds,
        attempts: row.attempts + 1,
      })
      .where("readings_commitment", "=", row.readings_commitment)
      .execute();
  } catch (error) {
    if (!(error instanceof ThreadlineError) || error.code !== "witness-refused") throw error;
    await refuseSignature(database, row, statement.segment.fromTick * (await rulesOf(row.journey_id, row.leg)).unitSeconds);
    return;
  }
  await submitProven(database, rulesOf, row.journey_id, row.leg);
}

async function statementOf(database: Kysely<Database>, rulesOf: LegRulesOf, row: Row) {
  const { profile, context } = await rulesOf(row.journey_id, row.leg);
  const device = await database.selectFrom("devices").selectAll().where("giai", "=", row.giai).executeTakeFirstOrThrow();
  const { segment, signature } = parseStoredSegment(row.body, context);
  return {
    segment,
    signature,
    publicKey: [BigInt(device.public_key_x), BigInt(device.public_key_y)] as [bigint, bigint],
    profile,
    stateBefore: stateFromText(row.state_before ?? ""),
    blindingBefore: BigInt(row.blinding_before ?? ""),
    blindingAfter: BigInt(row.blinding_after ?? ""),
  };
}

/** Limits, states and context were right, so what the circuit refused is the device's signature. */
async function refuseSignature(database: Kysely<Database>, row: Row, occurredAt: number): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await transaction
      .updateTable("segments")
      .set({ status: "unprovable", reason: "the device's signature does not hold", attempts: row.attempts + 1 })
      .where("readings_commitment", "=", row.readings_commitment)
      .execute();
    await recordException(transaction, {
      journeyId: row.journey_id,
      code: "signature-invalid",
      leg: row.leg,
      occurredAt,
      observed: "segment signature",
      limit: "signed by the enrolled device",
      unit: "segment",
      message: `the BabyJubJub signature of a sealed segment of ${row.giai} does not hold`,
      key: `segment:${row.readings_commitment}`,
    });
  });
}

/** Puts every proof whose predecessors are proven into the outbox: the ledger takes a leg's segments in order only. */
export async function submitProven(database: Kysely<Database>, rulesOf: LegRulesOf, journeyId: string, leg: number): Promise<void> {
  const { unitSeconds } = await rulesOf(journeyId, leg);
  await database.transaction().execute(async (transaction) => {
    const rows = await transaction
      .selectFrom("segments")
      .leftJoin("ledger_operations", (join) =>
        join.on("ledger_operations.idempotency_key", "=", sql<string>`'segment:' || segments.readings_commitment`),
      )
      .selectAll("segments")
      .select("ledger_operations.operation_number")
      .where("segments.journey_id", "=", journeyId)
      .where("segments.leg", "=", leg)
      .where("segments.status", "in", ["proving", "proven"])
      .orderBy("segments.from_tick")
      .orderBy("segments.to_tick")
      .execute();
    const waiting = rows.findIndex((row) => row.status !== "proven");
    const ready = (waiting === -1 ? rows : rows.slice(0, waiting)).filter((row) => row.operation_number === null);
    for (const row of ready) {
      const { named } = segmentPublicSignals(await statementOf(transaction, rulesOf, row));
      await enqueueOperation(transaction, {
        idempotencyKey: `segment:${row.readings_commitment}`,
        kind: "submit-segment",
        journeyId,
        payload: {
          journeyId,
          leg,
          from: row.from_tick * unitSeconds,
          to: row.to_tick * unitSeconds,
          stateBefore: named.stateBefore.toString(),
          stateAfter: named.stateAfter.toString(),
          readingsCommitment: named.readingsCommitment.toString(),
          ...(JSON.parse(row.proof ?? "{}") as Record<string, unknown>),
        },
      });
    }
  });
}
