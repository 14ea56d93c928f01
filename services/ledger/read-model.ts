import { sql } from "kysely";
import type { Insertable, Transaction } from "kysely";
import type { Database } from "../store/schema.ts";
import type { ChainChanges } from "./chain-changes.ts";
import { advanceRow, transitionRows } from "./exception-rows.ts";

const ROWS_AT_ONCE = 500;

/** Tables made from the chain alone, in an order that suits deletion too. */
export const CHAIN_TABLES = [
  "chain_participants",
  "chain_accounts",
  "chain_devices",
  "chain_calibrations",
  "chain_flows",
  "chain_journeys",
  "chain_custody_events",
  "chain_exceptions",
  "chain_exception_transitions",
  "chain_assignments",
  "chain_segments",
  "chain_releases",
  "chain_interval_acceptances",
  "chain_dispositions",
  "chain_recalls",
  "chain_recall_acknowledgements",
  "chain_specifications",
  "chain_batch_proofs",
  "chain_access_grants",
  "chain_audit_anchors",
  "chain_identity_checks",
  "chain_shippers",
  "chain_lanes",
  "chain_qualifications",
  "chain_shipper_assignments",
  "chain_equipment_acceptances",
] as const satisfies readonly (keyof Database)[];

type ChainTable = (typeof CHAIN_TABLES)[number];

/** Empties the read model, its cursor too. */
export async function clearReadModel(transaction: Transaction<Database>): Promise<void> {
  for (const table of CHAIN_TABLES) await transaction.deleteFrom(table).execute();
  await transaction.deleteFrom("chain_cursor").execute();
}

/** Writes one page of changes. A row that is there already is an error: the page is refused as a whole. */
export async function writeChanges(transaction: Transaction<Database>, changes: ChainChanges): Promise<void> {
  await insert(transaction, "chain_participants", changes.participants);
  await insert(transaction, "chain_accounts", await accountRows(transaction, changes));
  await insert(transaction, "chain_devices", changes.devices);
  await insert(transaction, "chain_calibrations", await calibrationRows(transaction, changes));
  await insert(transaction, "chain_flows", changes.flows);
  await insert(transaction, "chain_journeys", changes.journeys);
  await insert(transaction, "chain_custody_events", changes.custodyEvents);
  await insert(transaction, "chain_exceptions", changes.exceptions);
  await insert(transaction, "chain_exception_transitions", await transitionRows(transaction, changes.exceptionTransitions));
  await insert(transaction, "chain_assignments", changes.assignments);
  await insert(transaction, "chain_segments", changes.segments);
  await insert(transaction, "chain_releases", changes.releases);
  await insert(transaction, "chain_interval_acceptances", changes.intervalAcceptances);
  await insert(transaction, "chain_dispositions", changes.dispositions);
  await insert(transaction, "chain_recalls", changes.recalls);
  await insert(transaction, "chain_recall_acknowledgements", changes.recallAcknowledgements);
  await insert(transaction, "chain_specifications", changes.specifications);
  await insert(transaction, "chain_batch_proofs", changes.batchProofs);
  await insert(transaction, "chain_access_grants", changes.accessGrants);
  await insert(transaction, "chain_audit_anchors", changes.auditAnchors);
  await insert(transaction, "chain_identity_checks", changes.identityChecks);
  await insert(transaction, "chain_shippers", changes.shippers);
  await insert(transaction, "chain_lanes", changes.lanes);
  await insert(transaction, "chain_qualifications", changes.qualifications);
  await insert(transaction, "chain_shipper_assignments", changes.shipperAssignments);
  await insert(transaction, "chain_equipment_acceptances", changes.equipmentAcceptances);
  await moveHeads(transaction, changes);
  await updateRows(transaction, changes);
}

async function insert<T extends ChainTable>(
  transaction: Transaction<Database>,
  table: T,
  rows: readonly Insertable<Database[T]>[],
): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE)
    await transaction.insertInto(table).values(rows.slice(start, start + ROWS_AT_ONCE)).execute();
}

async function accountRows(transaction: Transaction<Database>, { accounts }: ChainChanges) {
  if (accounts.length === 0) return [];
  const participants = await transaction
    .selectFrom("chain_participants")
    .select(["participant_id", "participant_index"])
    .where("participant_id", "in", accounts.map(({ participantId }) => participantId))
    .execute();
  const indexes = new Map(participants.map((row) => [row.participant_id, row.participant_index]));
  return accounts.map(({ account, participantId, hosted }) => ({
    account,
    hosted,
    participant_index: indexes.get(participantId) ?? 0,
    removed: false,
  }));
}

async function calibrationRows(transaction: Transaction<Database>, { calibrations }: ChainChanges) {
  if (calibrations.length === 0) return [];
  const known = await transaction
    .selectFrom("chain_calibrations")
    .select(({ fn }) => ["device_id", fn.countAll<number>().as("count")])
    .where("device_id", "in", calibrations.map(({ deviceId }) => deviceId))
    .groupBy("device_id")
    .execute();
  const next = new Map(known.map((row) => [row.device_id, row.count]));
  return calibrations.map(({ deviceId, from, until }) => {
    const number = next.get(deviceId) ?? 0;
    next.set(deviceId, number + 1);
    return { device_id: deviceId, number, calibrated_from: from, calibrated_until: until };
  });
}

/** A journey's head is the one of its last event; sequence numbers count from 0. */
async function moveHeads(transaction: Transaction<Database>, { custodyEvents }: ChainChanges): Promise<void> {
  const last = [...new Map(custodyEvents.map((row) => [row.journey_id, row])).values()];
  if (last.length === 0) return;
  const journeys = last.map((row) => row.journey_id);
  const heads = last.map((row) => row.head);
  const counts = last.map((row) => row.sequence + 1);
  await sql`update chain_journeys set head = moved.head, event_count = moved.event_count
    from unnest(${journeys}::text[], ${heads}::text[], ${counts}::bigint[]) as moved (journey_id, head, event_count)
    where chain_journeys.journey_id = moved.journey_id`.execute(transaction);
}

async function updateRows(transaction: Transaction<Database>, changes: ChainChanges): Promise<void> {
  for (const { participantId, roles } of changes.roles)
    await transaction.updateTable("chain_participants").set({ roles }).where("participant_id", "=", participantId).execute();
  for (const { participantId, ownKeysOnly, signedAt } of changes.ownKeys)
    await transaction
      .updateTable("chain_participants")
      .set({ own_keys_only: ownKeysOnly, ...(signedAt === null ? {} : { own_keys_signed_at: signedAt }) })
      .where("participant_id", "=", participantId)
      .execute();
  for (const { participantId, suspended } of changes.suspensions)
    await transaction.updateTable("chain_participants").set({ suspended }).where("participant_id", "=", participantId).execute();
  for (const account of changes.removedAccounts)
    await transaction.updateTable("chain_accounts").set({ removed: true }).where("account", "=", account).execute();
  for (const { deviceId, from } of changes.revocations)
    await transaction.updateTable("chain_devices").set({ revoked_from: from }).where("device_id", "=", deviceId).execute();
  for (const transition of changes.exceptionTransitions) await advanceRow(transaction, transition);
  for (const { grantId, revokedBy, revokedAt, signer, signedAt, transactionHash } of changes.accessRevocations)
    await transaction
      .updateTable("chain_access_grants")
      .set({
        revoked_by: revokedBy,
        revoked_at: revokedAt,
        revocation_signer: signer,
        revocation_signed_at: signedAt,
        revocation_transaction_hash: transactionHash,
      }).where("grant_id", "=", grantId).execute();
}
