import { randomBytes } from "node:crypto";
import { hexlify, keccak256, toUtf8Bytes } from "ethers";
import type { Transaction } from "kysely";
import { canonicalJson } from "../model/canonical-json.ts";
import { detailCommitment } from "../model/custody/commitments.ts";
import { classOf } from "../model/custody/exceptions.ts";
import type { ExceptionCode } from "../model/custody/exceptions.ts";
import { enqueueOperation } from "./outbox.ts";
import type { Database } from "./schema.ts";
import { ensureJourneyKeys, journeyCipher, sealedDetail } from "./vault/index.ts";

export interface NewException {
  journeyId: string;
  code: ExceptionCode;
  /** Leg number from 0; null when it concerns no leg. */
  leg: number | null;
  /** Unix seconds. */
  occurredAt: number;
  observed: number | string;
  limit: number | string;
  unit: string;
  message: string;
  /** What makes it this exception and no other, within journey and code: raised once however often it is seen. */
  key: string;
}

/**
 * Key under which the ledger raises an exception once. What makes it that exception is blinded with the journey's key
 * before, since it may name an event or an identifier, and the key stands on the ledger.
 */
export function exceptionKeyOf(journeyId: string, code: ExceptionCode, key: string): string {
  return keccak256(toUtf8Bytes(`${journeyId}:${code}:${key}`));
}

/**
 * Records an exception's detail and the operation that raises it on the ledger, in the caller's transaction.
 * The ledger gets a salted commitment of the detail (canonical JSON), never the detail. Returns the exception's key
 * and whether it was new; seen again, the first detail and its salt stay.
 */
export async function recordException(
  transaction: Transaction<Database>,
  exception: NewException,
): Promise<{ exceptionKey: string; isNew: boolean }> {
  const { journeyId, code, leg, observed, limit, unit, message } = exception;
  const occurredAt = Math.floor(exception.occurredAt);
  await ensureJourneyKeys(transaction, [journeyId]);
  const cipher = await journeyCipher(transaction, [journeyId]);
  const key = cipher.blind(journeyId, exception.key);
  const exceptionKey = exceptionKeyOf(journeyId, code, key);
  const salt = randomBytes(32);
  const detail = canonicalJson({ journeyId, code, leg, occurredAt, observed, limit, unit, message, key });
  const inserted = await transaction
    .insertInto("exception_details")
    .values({
      exception_key: exceptionKey,
      journey_id: journeyId,
      code,
      class: classOf(code),
      leg,
      occurred_at: occurredAt,
      sealed_detail: sealedDetail.seal(cipher, journeyId, exceptionKey, { observed, limit, unit, detail, salt: hexlify(salt) }),
      created_at_milliseconds: Date.now(),
    })
    .onConflict((conflict) => conflict.column("exception_key").doNothing())
    .returning("exception_key")
    .executeTakeFirst();
  if (inserted === undefined) return { exceptionKey, isNew: false };
  await enqueueOperation(transaction, {
    idempotencyKey: `exception:${exceptionKey}`,
    kind: "raise-exception",
    journeyId,
    payload: {
      exceptionKey,
      journeyId,
      code,
      leg,
      occurredAt,
      detailCommitment: detailCommitment(detail, salt),
    },
  });
  return { exceptionKey, isNew: true };
}
