import type { Transaction } from "kysely";
import type { Database, TelemetryMessageRow } from "../store/schema.ts";
import { signedPart } from "./message-verification.ts";
import type { Accepted, IncomingMessage, Refused } from "./message-verification.ts";

/** A verified message and the rows it becomes. */
export interface Prepared {
  accepted: Accepted;
  incoming: IncomingMessage;
  row: TelemetryMessageRow;
  segment: { readingsCommitment: string; toTick: number } | null;
}

export interface InsertedMessages {
  stored: Prepared[];
  /** Stored before, with the same content. */
  repeated: Prepared[];
  /** Their sequence number is stored with other content. */
  conflicting: { incoming: IncomingMessage; refused: Refused }[];
}

/** Stores each message once, by device, key epoch and sequence number. */
export async function insertMessages(transaction: Transaction<Database>, prepared: readonly Prepared[]): Promise<InsertedMessages> {
  const stored: Prepared[] = [];
  const repeated: Prepared[] = [];
  const conflicting: { incoming: IncomingMessage; refused: Refused }[] = [];
  const first = new Map<string, Prepared>();
  for (const one of prepared) if (!first.has(keyOf(one.row))) first.set(keyOf(one.row), one);
  if (first.size === 0) return { stored, repeated, conflicting };

  const inserted = await transaction
    .insertInto("telemetry_messages")
    .values([...first.values()].map(({ row }) => row))
    .onConflict((conflict) => conflict.columns(["giai", "key_epoch", "sequence"]).doNothing())
    .returning(["giai", "key_epoch", "sequence"])
    .execute();
  const isNew = new Set(inserted.map(keyOf));
  const bodies = new Map([...first].map(([key, one]) => [key, one.row.body]));
  const older = [...first].filter(([key]) => !isNew.has(key)).map(([, { row }]) => row);
  for (const row of await storedBodies(transaction, older)) bodies.set(keyOf(row), row.body);

  for (const one of prepared) {
    const key = keyOf(one.row);
    const { giai, sequence, key_epoch: keyEpoch } = one.row;
    if (signedPart(bodies.get(key) ?? "") !== signedPart(one.row.body))
      conflicting.push({
        incoming: one.incoming,
        refused: { ok: false, giai, reason: "sequence-conflict", detail: `message ${sequence} of key epoch ${keyEpoch} is stored with other content` },
      });
    else if (isNew.has(key) && first.get(key) === one) stored.push(one);
    else repeated.push(one);
  }
  return { stored, repeated, conflicting };
}

async function storedBodies(transaction: Transaction<Database>, rows: readonly TelemetryMessageRow[]) {
  if (rows.length === 0) return [];
  return transaction
    .selectFrom("telemetry_messages")
    .select(["giai", "key_epoch", "sequence", "body"])
    .where(({ eb, refTuple, tuple }) =>
      eb(
        refTuple("giai", "key_epoch", "sequence"),
        "in",
        rows.map((row) => tuple(row.giai, row.key_epoch, row.sequence)),
      ),
    )
    .execute();
}

/** Stores segments for proving. */
export async function insertSegments(transaction: Transaction<Database>, stored: readonly Prepared[]): Promise<void> {
  const rows = stored.flatMap(({ accepted: { message }, row, segment }) =>
    message.type === "segment" && segment !== null
      ? [
          {
            readings_commitment: segment.readingsCommitment,
            journey_id: message.journeyId,
            leg: message.leg,
            giai: message.giai,
            from_tick: message.fromTick,
            to_tick: segment.toTick,
            body: JSON.stringify(message),
            status: "sealed" as const,
            reason: null,
            state_before: null,
            state_after: null,
            blinding_before: null,
            blinding_after: null,
            proof: null,
            proving_seconds: null,
            attempts: 0,
            received_at_milliseconds: row.received_at_milliseconds,
          },
        ]
      : [],
  );
  if (rows.length === 0) return;
  await transaction
    .insertInto("segments")
    .values(rows)
    .onConflict((conflict) => conflict.column("readings_commitment").doNothing())
    .execute();
}

function keyOf(row: Pick<TelemetryMessageRow, "giai" | "key_epoch" | "sequence">): string {
  return `${row.giai}#${row.key_epoch}#${row.sequence}`;
}
