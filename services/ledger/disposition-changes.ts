import { bytes32ToCode } from "../model/custody/identifiers.ts";
import { DISPOSITION_DECISIONS, EXCEPTIONAL_RELEASE_STEPS } from "../model/custody/disposition.ts";
import type { ChainDispositionRow, ChainIntervalAcceptanceRow, ChainRecallAcknowledgementRow, ChainRecallRow } from "../store/chain-schema.ts";
import type { ChainChanges } from "./chain-changes.ts";
import type { LogEntry } from "./log-entry.ts";

/** What logs on dispositions, recalls and accepted intervals add to the read model. */
export interface DispositionChanges {
  intervalAcceptances: ChainIntervalAcceptanceRow[];
  dispositions: ChainDispositionRow[];
  recalls: ChainRecallRow[];
  recallAcknowledgements: ChainRecallAcknowledgementRow[];
}

export function emptyDispositionChanges(): DispositionChanges {
  return { intervalAcceptances: [], dispositions: [], recalls: [], recallAcknowledgements: [] };
}

const count = (value: unknown): number => Number(value as bigint);
const text = (value: unknown): string => value as string;

export const DISPOSITION_COLLECTORS: Record<string, (changes: ChainChanges, entry: LogEntry) => void> = {
  IntervalAccepted(changes, { event: { args }, blockTime, transactionHash }) {
    const row: ChainIntervalAcceptanceRow = {
      journey_id: text(args["journeyId"]),
      leg: count(args["leg"]),
      number: count(args["number"]),
      from_seconds: count(args["from"]),
      to_seconds: count(args["to"]),
      exception_number: count(args["exceptionNumber"]),
      participant_index: count(args["participant"]),
      signer: text(args["signer"]).toLowerCase(),
      signed_at: count(args["signedAt"]),
      recorded_at: blockTime,
      transaction_hash: transactionHash,
    };
    changes.intervalAcceptances.push(row);
    changes.keys.push(`interval-acceptance:${row.journey_id}:${row.leg}:${row.from_seconds}:${row.to_seconds}`);
    const { leg, number, from_seconds: fromSeconds, to_seconds: toSeconds, exception_number: exceptionNumber } = row;
    const data = { leg, number, fromSeconds, toSeconds, exceptionNumber, participantIndex: row.participant_index };
    changes.notifications.push({ type: "interval-acceptance", journeyId: row.journey_id, data });
  },
  DispositionDecided(changes, entry) {
    const row = dispositionRow(entry, "decision", "decision", "reasonHash");
    take(changes, { ...row, head: text(entry.event.args["head"]) });
    const { number, recorded_at: recordedAt, participant_index: participantIndex } = row;
    const data = { number, decision: DISPOSITION_DECISIONS[row.value], recordedAt, participantIndex };
    changes.notifications.push({ type: "disposition", journeyId: row.journey_id, data });
  },
  ExceptionalReleaseStepTaken(changes, entry) {
    const row = dispositionRow(entry, "step", "step", "documentHash");
    take(changes, row);
    const { number, recorded_at: recordedAt, participant_index: participantIndex } = row;
    const data = { number, step: EXCEPTIONAL_RELEASE_STEPS[row.value], recordedAt, participantIndex };
    changes.notifications.push({ type: "disposition", journeyId: row.journey_id, data });
  },
  RecallRaised(changes, { event: { args }, blockTime }) {
    const row: ChainRecallRow = {
      journey_id: text(args["journeyId"]),
      number: count(args["number"]),
      exception_number: count(args["exceptionNumber"]),
      code: bytes32ToCode(text(args["code"])),
      raised_at: blockTime,
    };
    changes.recalls.push(row);
    const { number, code, exception_number: exceptionNumber, raised_at: raisedAt } = row;
    changes.notifications.push({ type: "recall", journeyId: row.journey_id, data: { number, code, exceptionNumber, raisedAt, status: "raised" } });
  },
  RecallAcknowledged(changes, { event: { args } }) {
    const row: ChainRecallAcknowledgementRow = {
      journey_id: text(args["journeyId"]),
      participant_index: count(args["participant"]),
      recalls: count(args["recalls"]),
      signer: text(args["signer"]).toLowerCase(),
      signed_at: count(args["signedAt"]),
      recorded_at: count(args["recordedAt"]),
    };
    changes.recallAcknowledgements.push(row);
    changes.keys.push(`recall-acknowledgement:${row.journey_id}:${row.participant_index}:${row.recalls}`);
    const data = { recalls: row.recalls, participantIndex: row.participant_index, recordedAt: row.recorded_at, status: "acknowledged" };
    changes.notifications.push({ type: "recall", journeyId: row.journey_id, data });
  },
};

function dispositionRow(
  { event: { args }, transactionHash }: LogEntry,
  kind: ChainDispositionRow["kind"],
  value: string,
  hash: string,
): ChainDispositionRow {
  return {
    journey_id: text(args["journeyId"]),
    number: count(args["number"]),
    kind,
    value: count(args[value]),
    participant_index: count(args["participant"]),
    signer: text(args["signer"]).toLowerCase(),
    head: null,
    reason_hash: text(args[hash]),
    signed_at: count(args["signedAt"]),
    recorded_at: count(args["recordedAt"]),
    transaction_hash: transactionHash,
  };
}

function take(changes: ChainChanges, row: ChainDispositionRow): void {
  changes.dispositions.push(row);
  changes.keys.push(`disposition:${row.journey_id}:${row.reason_hash}`);
}
