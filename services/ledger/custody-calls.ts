import { Signature } from "ethers";
import type { LedgerClient } from "./client.ts";
import { createCustodySigner } from "./custody-signature.ts";
import type { CompactSignature, CustodyStatement } from "./custody-signature.ts";
import { requireSeen } from "./disposition-operations.ts";
import type { HostedKeys } from "./hosted-keys.ts";
import type { LedgerCall } from "./operation-calls.ts";
import type { OperationOf } from "./operation.ts";

export interface CustodyCalls {
  /** Signs a batch of custody events, each with its journey's next sequence number, and encodes the call. */
  build(group: readonly OperationOf<"custody-event">[]): Promise<LedgerCall>;
  /** To be told when the batch went into a stored transaction: its sequence numbers are taken. */
  taken(group: readonly OperationOf<"custody-event">[]): void;
  /** Forgets what was remembered of the chain; after any refusal, revert or rollback. */
  forget(): void;
}

const MOST_JOURNEYS_REMEMBERED = 50_000;
const READS_AT_ONCE = 16;
/** Generous for an event that raises no exception; one that needs more is estimated. */
const GAS_PER_EVENT = 90_000n;
const GAS_PER_BATCH = 150_000n;

export function createCustodyCalls(ledger: LedgerClient, keys: HostedKeys): CustodyCalls {
  const signer = createCustodySigner(ledger.chainId, ledger.addresses.custodyLedger);
  const selector = ledger.interfaces.custodyLedger.getFunction("record")?.selector ?? "0x";
  const nextSequences = new Map<string, number>();

  async function readSequence(journeyId: string): Promise<void> {
    const [journey] = (await ledger.read("custodyLedger", "journey", [journeyId])) as unknown as [{ eventCount: bigint }];
    nextSequences.set(journeyId, Number(journey.eventCount));
  }

  async function readMissingSequences(journeyIds: Iterable<string>): Promise<void> {
    if (nextSequences.size > MOST_JOURNEYS_REMEMBERED) nextSequences.clear();
    const missing = [...new Set(journeyIds)].filter((journeyId) => !nextSequences.has(journeyId));
    for (let start = 0; start < missing.length; start += READS_AT_ONCE)
      await Promise.all(missing.slice(start, start + READS_AT_ONCE).map(readSequence));
  }

  return {
    async build(group) {
      await readMissingSequences(group.map(({ payload }) => payload.journeyId));
      const hosted = group.filter(({ payload }) => payload.own === null);
      const privateKeys = await keys.privateKeys(hosted.map(({ payload }) => payload.participantId));
      const inBatch = new Map<string, number>();
      const events = group.map(({ payload }) => {
        const place = inBatch.get(payload.journeyId) ?? 0;
        inBatch.set(payload.journeyId, place + 1);
        const sequence = (nextSequences.get(payload.journeyId) ?? 0) + place;
        const statement = { ...payload, sequence };
        if (payload.own !== null) return { ...statement, ...relayed(payload.own, sequence) };
        const key = privateKeys.get(payload.participantId.toLowerCase()) ?? new Uint8Array();
        return { ...statement, ...signer.sign(statement, key) };
      });
      return {
        to: ledger.addresses.custodyLedger,
        data: encodeRecord(selector, events),
        gasGuess: GAS_PER_BATCH + GAS_PER_EVENT * BigInt(events.length),
      };
    },
    taken(group) {
      for (const { payload } of group)
        nextSequences.set(payload.journeyId, (nextSequences.get(payload.journeyId) ?? 0) + 1);
    },
    forget: () => nextSequences.clear(),
  };
}

/** A participant's own signature goes on as it is; one for another place in the journey never becomes good. */
function relayed(own: { sequence: number; signature: string }, sequence: number): CompactSignature {
  requireSeen(own.sequence, sequence);
  const { r, yParityAndS } = Signature.from(own.signature);
  return { signatureR: r, signatureVS: yParityAndS };
}

/**
 * ABI encoding of `record(CustodyEvent[])`: each event is seven words, so a batch is put together directly. The general
 * encoder takes longer for a batch than signing it does; a test holds the two equal.
 */
export function encodeRecord(selector: string, events: readonly (CustodyStatement & CompactSignature)[]): string {
  const words = events.map(
    (event) =>
      event.journeyId.slice(2) +
      event.commitment.slice(2) +
      hexWord(event.sequence) +
      hexWord(event.step) +
      hexWord(event.occurredAt) +
      event.signatureR.slice(2) +
      event.signatureVS.slice(2),
  );
  return selector + hexWord(OFFSET_OF_ARRAY) + hexWord(events.length) + words.join("");
}

const OFFSET_OF_ARRAY = 32;

function hexWord(value: number): string {
  return value.toString(16).padStart(64, "0");
}
