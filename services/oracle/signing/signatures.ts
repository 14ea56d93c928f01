import { verifyTypedData } from "ethers";
import { meaningOf, recordHashOf, typedDataOf } from "../../model/signing/index.ts";
import type { Statement } from "../../model/signing/index.ts";
import type { Journey } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";

/** One signature on a journey's record as the ledger has it; times are Unix seconds. */
export interface RecordedSignature {
  statement: Statement;
  meaning: string;
  recordHash: string;
  /** Lower case; null for an event indexed before signatures were kept. */
  account: string | null;
  /** Null for a custody event, which is ordered by its number and not by its signer's clock. */
  signedAt: number | null;
  recordedAt: number;
  transactionHash: string | null;
}

interface Row {
  statement: Statement;
  account: string | null;
  signedAt: number | null;
  recordedAt: number;
  transactionHash: string | null;
}

/** Every signature the ledger took on a journey's record, in the order it took them. */
export async function signaturesOf(parts: OracleParts, journey: Journey): Promise<RecordedSignature[]> {
  const { journey_id: journeyId } = journey;
  const rows = [
    ...(await custodyRows(parts, journeyId)),
    ...(await decisionRows(parts, journeyId)),
    ...(await acceptanceRows(parts, journeyId)),
    ...(await accessRows(parts, journeyId)),
  ];
  return rows
    .sort((left, right) => left.recordedAt - right.recordedAt)
    .map((row) => ({
      ...row,
      meaning: meaningOf(row.statement, journey.flow),
      recordHash: recordHashOf(row.statement, row.signedAt ?? 0),
    }));
}

async function custodyRows({ database, ledger }: OracleParts, journeyId: string): Promise<Row[]> {
  const rows = await database.selectFrom("chain_custody_events").selectAll().where("journey_id", "=", journeyId).orderBy("sequence").execute();
  return rows.map(({ commitment, sequence, step, occurred_at: occurredAt, recorded_at: recordedAt, signature, transaction_hash: transactionHash }) => {
    const statement: Statement = { act: "custody-event", message: { journeyId, commitment, sequence, step, occurredAt } };
    const { domain, types, message } = typedDataOf(statement, ledger, 0);
    const account = signature === null ? null : verifyTypedData(domain, types, message, signature).toLowerCase();
    return { statement, account, signedAt: null, recordedAt, transactionHash };
  });
}

async function decisionRows({ database }: OracleParts, journeyId: string): Promise<Row[]> {
  const releases = await database.selectFrom("chain_releases").selectAll().where("journey_id", "=", journeyId).execute();
  const transitions = await database.selectFrom("chain_exception_transitions").selectAll().where("journey_id", "=", journeyId).execute();
  const dispositions = await database.selectFrom("chain_dispositions").selectAll().where("journey_id", "=", journeyId).execute();
  return [
    ...releases.map((row) => ({
      ...signed(row, row.released_at),
      statement: { act: "release" as const, message: { journeyId, gate: row.gate, head: row.head } },
    })),
    ...transitions.map((row) => {
      const { number, from_stage: from, to_stage: to, reason_hash: reasonHash } = row;
      return { ...signed(row, row.recorded_at), statement: { act: "exception-transition" as const, message: { journeyId, number, from, to, reasonHash } } };
    }),
    ...dispositions.map((row) => {
      const { number, value, head, reason_hash: hash } = row;
      const statement: Statement =
        row.kind === "step"
          ? { act: "exceptional-release-step", message: { journeyId, number, step: value, documentHash: hash } }
          : { act: "disposition", message: { journeyId, number, decision: value, head: head ?? "", reasonHash: hash } };
      return { ...signed(row, row.recorded_at), statement };
    }),
  ];
}

async function acceptanceRows({ database }: OracleParts, journeyId: string): Promise<Row[]> {
  const intervals = await database.selectFrom("chain_interval_acceptances").selectAll().where("journey_id", "=", journeyId).execute();
  const equipment = await database.selectFrom("chain_equipment_acceptances").selectAll().where("journey_id", "=", journeyId).execute();
  const recalls = await database.selectFrom("chain_recall_acknowledgements").selectAll().where("journey_id", "=", journeyId).execute();
  const checks = await database.selectFrom("chain_identity_checks").selectAll().where("journey_id", "=", journeyId).execute();
  return [
    ...intervals.map((row) => {
      const { leg, from_seconds: from, to_seconds: to, exception_number: exceptionNumber } = row;
      return { ...signed(row, row.recorded_at), statement: { act: "interval-acceptance" as const, message: { journeyId, leg, from, to, exceptionNumber } } };
    }),
    ...equipment.map((row) => {
      const { leg, assignments, exception_number: exceptionNumber } = row;
      return { ...signed(row, row.recorded_at), statement: { act: "equipment-acceptance" as const, message: { journeyId, leg, assignments, exceptionNumber } } };
    }),
    ...recalls.map((row) => ({
      ...signed({ ...row, transaction_hash: null }, row.recorded_at),
      statement: { act: "recall-acknowledgement" as const, message: { journeyId, recalls: row.recalls } },
    })),
    ...checks.map((row) => ({
      ...signed(row, row.signed_at),
      statement: { act: "identity-check" as const, message: { journeyId, step: row.step, linkedCommitment: row.linked_commitment } },
    })),
  ];
}

async function accessRows({ database }: OracleParts, journeyId: string): Promise<Row[]> {
  const rows = await database.selectFrom("chain_access_grants").selectAll().where("journey_id", "=", journeyId).execute();
  return rows.flatMap((row): Row[] => {
    const { grant_id: grantId, participant_id: participantId, scope, key_thumbprint: keyThumbprint } = row;
    const granted: Row = {
      statement: { act: "access-grant", message: { grantId, journeyId, participantId, scope, keyThumbprint } },
      account: row.signer,
      signedAt: row.signed_at,
      recordedAt: row.granted_at,
      transactionHash: row.transaction_hash,
    };
    if (row.revoked_at === null) return [granted];
    const revoked: Row = {
      statement: { act: "access-revocation", message: { grantId } },
      account: row.revocation_signer,
      signedAt: row.revocation_signed_at,
      recordedAt: row.revoked_at,
      transactionHash: row.revocation_transaction_hash,
    };
    return [granted, revoked];
  });
}

function signed(row: { signer: string; signed_at: number; transaction_hash: string | null }, recordedAt: number): Omit<Row, "statement"> {
  return { account: row.signer.toLowerCase(), signedAt: row.signed_at, recordedAt, transactionHash: row.transaction_hash };
}
