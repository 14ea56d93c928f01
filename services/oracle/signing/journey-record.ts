import { verifyTypedData } from "ethers";
import { CUSTODY_EVENT_TYPES, threadlineDomain } from "../../model/custody/index.ts";
import { headOf } from "../../model/signing/index.ts";
import type { JourneyRecord } from "../../model/signing/index.ts";
import { RpcError, RpcTransportError } from "../../ledger/json-rpc.ts";
import { problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";

/** The journey's head as the ledger has it now. Throws a problem: 409 not recorded yet, 503 no answer. */
export async function ledgerHead({ ledger }: OracleParts, journeyId: string): Promise<string> {
  try {
    const [head] = (await ledger.read("custodyLedger", "head", [journeyId])) as unknown as [string];
    return head;
  } catch (error) {
    if (error instanceof RpcError) throw problem(409, "not-recorded-yet", "the journey is not on the ledger yet; ask again once it is recorded");
    if (error instanceof RpcTransportError) throw problem(503, "ledger-unreachable", "the ledger does not answer; ask again later");
    throw error;
  }
}

/**
 * What the journey's head stands for, so that a signer can make the head from it. Throws a problem, 503, while the
 * index is behind the ledger.
 */
export async function journeyRecord(parts: OracleParts, journeyId: string): Promise<JourneyRecord> {
  const { database, ledger } = parts;
  const journey = await database
    .selectFrom("chain_journeys")
    .select(["flow", "identity_commitment"])
    .where("journey_id", "=", journeyId)
    .executeTakeFirst();
  if (journey === undefined) throw problem(409, "not-recorded-yet", "the journey is not on the ledger yet; ask again once it is recorded");
  const rows = await database
    .selectFrom("chain_custody_events")
    .select(["sequence", "commitment", "step", "occurred_at", "recorded_at", "signature"])
    .where("journey_id", "=", journeyId)
    .orderBy("sequence")
    .execute();
  const domain = threadlineDomain(ledger.chainId, ledger.addresses.custodyLedger);
  const events = rows.map(({ sequence, commitment, step, occurred_at: occurredAt, recorded_at: recordedAt, signature }) => {
    if (signature === null) throw problem(503, "index-incomplete", "the read model lacks signatures; the operator runs: threadline rebuild");
    const signer = verifyTypedData(domain, CUSTODY_EVENT_TYPES, { journeyId, commitment, sequence, step, occurredAt }, signature);
    return { commitment, step, occurredAt, recordedAt, signer };
  });
  const record = { journeyId, flow: journey.flow, identityCommitment: journey.identity_commitment, events };
  if (headOf(record) !== (await ledgerHead(parts, journeyId)))
    throw problem(503, "index-behind", "the journey has just moved on and is being indexed; ask again in a moment");
  return record;
}
