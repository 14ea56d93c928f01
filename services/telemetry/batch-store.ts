import type { Kysely, Transaction } from "kysely";
import { segmentFromMessage } from "../device/index.ts";
import type { SegmentMessage } from "../device/index.ts";
import { readingsCommitment, segmentContext, segmentToTick } from "../model/condition/index.ts";
import { ThreadlineError } from "../model/errors.ts";
import { recordException } from "../store/exception-details.ts";
import type { NewException } from "../store/exception-details.ts";
import type { Database, TelemetryMessageRow } from "../store/schema.ts";
import { storeDeadLetters } from "./dead-letters.ts";
import { refusalException } from "./exceptions.ts";
import { legAt, presentLeg } from "./leg-directory.ts";
import type { LegDirectory } from "./leg-directory.ts";
import type { LegJudge } from "./leg-judge.ts";
import { readingsOf } from "./message-readings.ts";
import { insertMessages, insertSegments } from "./message-rows.ts";
import type { Prepared } from "./message-rows.ts";
import type { Accepted, IncomingMessage, Refused } from "./message-verification.ts";

export interface Checked {
  incoming: IncomingMessage;
  result: Accepted | Refused;
}

/** A segment that is stored for proving. */
export interface SealedSegmentNotice {
  readingsCommitment: string;
  journeyId: string;
  leg: number;
}

/** What one transaction did. */
export interface BatchOutcome {
  /** Messages to acknowledge with a receipt: new ones and repeated ones. */
  receipts: Accepted[];
  stored: Accepted[];
  refused: Refused[];
  segments: SealedSegmentNotice[];
  newExceptions: number;
}

export interface BatchStoreParts {
  database: Kysely<Database>;
  legs: LegDirectory;
  judge: LegJudge;
  ledger: { conditionProofsAddress: string; chainId: bigint | number };
}

/** Writes a batch of checked messages, what follows from them, and the refused ones, in one transaction. */
export async function storeBatch(parts: BatchStoreParts, batch: readonly Checked[]): Promise<BatchOutcome> {
  const prepared: Prepared[] = [];
  const refused: { incoming: IncomingMessage; refused: Refused }[] = [];
  for (const { incoming, result } of batch) {
    const made = result.ok ? prepare(parts, incoming, result) : result;
    if ("ok" in made) refused.push({ incoming, refused: made });
    else prepared.push(made);
  }
  try {
    return await parts.database.transaction().execute((transaction) => write(transaction, parts, prepared, refused));
  } catch (error) {
    parts.judge.forget();
    throw error;
  }
}

async function write(
  transaction: Transaction<Database>,
  parts: BatchStoreParts,
  prepared: readonly Prepared[],
  refused: { incoming: IncomingMessage; refused: Refused }[],
): Promise<BatchOutcome> {
  const { stored, repeated, conflicting } = await insertMessages(transaction, prepared);
  const letters = [...refused, ...conflicting];
  await insertSegments(transaction, stored);
  await storeDeadLetters(transaction, letters);
  const exceptions = letters.flatMap(({ incoming, refused: letter }) => exceptionOf(parts.legs, letter, incoming));
  exceptions.push(...(await parts.judge.take(transaction, stored.map(({ row, accepted }) => ({ ...row, message: accepted.message })), Date.now())));
  return {
    receipts: [...stored, ...repeated].map(({ accepted }) => accepted),
    stored: stored.map(({ accepted }) => accepted),
    refused: letters.map((letter) => letter.refused),
    segments: stored.flatMap(({ row, segment }) =>
      segment === null || row.journey_id === null || row.leg === null ? [] : [{ readingsCommitment: segment.readingsCommitment, journeyId: row.journey_id, leg: row.leg }],
    ),
    newExceptions: await recordExceptions(transaction, exceptions),
  };
}

/** Records each exception once; returns how many were new. */
export async function recordExceptions(transaction: Transaction<Database>, exceptions: readonly NewException[]): Promise<number> {
  let recorded = 0;
  for (const exception of exceptions) if ((await recordException(transaction, exception)).isNew) recorded += 1;
  return recorded;
}

function exceptionOf(legs: LegDirectory, refused: Refused, incoming: IncomingMessage): NewException[] {
  const leg = refused.giai === null ? null : presentLeg(legs.legsOf(refused.giai));
  const exception = leg === null ? null : refusalException(leg, refused, incoming.receivedAtMilliseconds);
  return exception === null ? [] : [exception];
}

function prepare(parts: BatchStoreParts, incoming: IncomingMessage, accepted: Accepted): Prepared | Refused {
  const { message } = accepted;
  const named = message.type === "segment" ? (parts.legs.find(message.journeyId, message.leg) ?? null) : null;
  let segment: Prepared["segment"] = null;
  if (message.type === "segment") {
    if (named?.giai !== message.giai)
      return { ok: false, giai: message.giai, reason: "not-assigned", detail: `${message.giai} is not assigned to leg ${message.leg} of journey ${message.journeyId}` };
    const sealed = sealedSegment(parts, message);
    if (typeof sealed === "string") return { ok: false, giai: message.giai, reason: "segment-invalid", detail: sealed };
    segment = sealed;
  }
  const readings = readingsOf(message, named?.profile ?? null);
  const first = readings[0]?.timeSeconds ?? 0;
  const leg = named ?? legAt(parts.legs.legsOf(message.giai), first);
  const row: TelemetryMessageRow = {
    giai: message.giai,
    key_epoch: message.keyEpoch,
    sequence: message.sequence,
    kind: message.type,
    journey_id: leg?.journeyId ?? null,
    leg: leg?.leg ?? null,
    first_time: Math.floor(first),
    last_time: Math.floor(readings.at(-1)?.timeSeconds ?? first),
    reading_count: readings.length,
    body: accepted.body,
    received_at_milliseconds: incoming.receivedAtMilliseconds,
  };
  return { accepted, incoming, row, segment };
}

/** Commitment of a segment under the context of the leg it names; a text says why it is none. */
function sealedSegment({ ledger }: BatchStoreParts, message: SegmentMessage): { readingsCommitment: string; toTick: number } | string {
  const { journeyId, leg } = message;
  const context = segmentContext({ chainId: ledger.chainId, contract: ledger.conditionProofsAddress, journeyId, leg });
  const { segment } = segmentFromMessage(message, context);
  try {
    return { readingsCommitment: readingsCommitment(segment).toString(), toTick: segmentToTick(segment) };
  } catch (error) {
    if (error instanceof ThreadlineError) return error.message;
    throw error;
  }
}
