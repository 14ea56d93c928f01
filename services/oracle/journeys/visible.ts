import { sql } from "kysely";
import type { Expression, ExpressionBuilder, Kysely, Selectable, SqlBool, Transaction } from "kysely";
import type { FlowDefinition } from "../../model/custody/index.ts";
import { ACCESS_SCOPES } from "../../model/privacy/access.ts";
import type { JourneyPart } from "../../model/privacy/views.ts";
import { openIdentities } from "../../store/identities.ts";
import type { Database } from "../../store/schema.ts";
import { flowOf } from "../capture/load-facts.ts";
import { sees, seesEveryJourney, tracesErased } from "../http/caller.ts";
import type { Caller } from "../http/caller.ts";
import { problem } from "../http/problem.ts";

/** A journey with its flow; once it is erased, its Chain of Identity is null for all but who may trace it, and then for all. */
export type Journey = Selectable<Database["journeys"]> & { flow: FlowDefinition; chain_of_identity: string | null };

/**
 * The journeys a participant works in under their identity: it opened them, captured an event that names their Chain of
 * Identity or their material, or scanned a label that is theirs. A journey's id is no secret, it stands on the ledger: what
 * can be done with it alone shows no identity.
 */
export function journeysKnownTo(database: Kysely<Database>, participantId: string) {
  return database
    .selectFrom("journeys")
    .select("journeys.journey_id")
    .where("opened_by", "=", participantId)
    .union(
      database
        .selectFrom("events")
        .select("events.journey_id")
        .where("captured_by", "=", participantId)
        .where("events.journey_id", "is not", null)
        .$narrowType<{ journey_id: string }>(),
    )
    .union(
      database
        .selectFrom("scans")
        .select("scans.journey_id")
        .where("participant_id", "=", participantId)
        .where("matched", "=", true),
    );
}

/** Those, and the journeys it acted in by their id: bound a recipe, recorded entries or results, or owns a leg's device. */
export function journeysOf(database: Kysely<Database>, participantId: string) {
  return journeysKnownTo(database, participantId)
    .union(database.selectFrom("control_recipes").select("control_recipes.journey_id").where("created_by", "=", participantId))
    .union(database.selectFrom("batch_record_entries").select("batch_record_entries.journey_id").where("recorded_by", "=", participantId))
    .union(database.selectFrom("batch_results").select("batch_results.journey_id").where("posted_by", "=", participantId))
    .union(
      database
        .selectFrom("leg_assignments")
        .innerJoin("devices", "devices.giai", "leg_assignments.giai")
        .select("leg_assignments.journey_id")
        .where("owner_participant_id", "=", participantId),
    );
}

/** The journeys whose milestones a participant was granted: the grant stands, here and on the ledger. */
export function milestonesGrantedTo(database: Kysely<Database>, participantId: string) {
  return database
    .selectFrom("access_grants")
    .innerJoin("chain_access_grants", "chain_access_grants.grant_id", "access_grants.grant_id")
    .select("access_grants.journey_id")
    .where("access_grants.participant_id", "=", participantId)
    .where("access_grants.revoked_at_milliseconds", "is", null)
    .where("chain_access_grants.revoked_at", "is", null)
    .where((where) => where(sql<number>`access_grants.scope & ${ACCESS_SCOPES.milestones}`, ">", 0));
}

/** Condition that keeps the rows of journeys whose milestones a caller may see: their own, and those granted. */
export function hasVisibleMilestones<Table extends keyof Database>(
  database: Kysely<Database>,
  caller: Caller,
  column: string,
): (where: ExpressionBuilder<Database, Table>) => Expression<SqlBool> {
  return (where) => {
    const visible = isVisible<Table>(database, caller, column)(where);
    if (caller.kind === "operator") return visible;
    return where.or([visible, where(column as never, "in", milestonesGrantedTo(database, caller.participantId) as never)]);
  };
}

/** Condition that keeps the rows of journeys whose identity and event bodies a caller may see, where its duty does. */
export function isKnown<Table extends keyof Database>(database: Kysely<Database>, caller: Caller, column: string): RowCondition<Table> {
  return isAmong(caller, column, (participantId) => journeysKnownTo(database, participantId));
}

/** Condition that keeps the rows of journeys a caller may see. */
export function isVisible<Table extends keyof Database>(database: Kysely<Database>, caller: Caller, column: string): RowCondition<Table> {
  return isAmong(caller, column, (participantId) => journeysOf(database, participantId));
}

type RowCondition<Table extends keyof Database> = (where: ExpressionBuilder<Database, Table>) => Expression<SqlBool>;

function isAmong<Table extends keyof Database>(caller: Caller, column: string, journeys: (participantId: string) => unknown): RowCondition<Table> {
  return (where) =>
    caller.kind === "operator" || seesEveryJourney(caller) ? where.lit(true) : where(column as never, "in", journeys(caller.participantId) as never);
}

/** A journey the caller may see; 404 otherwise, so that an id tells a stranger nothing. */
export async function visibleJourney(database: Kysely<Database>, caller: Caller, journeyId: string): Promise<Journey> {
  const journey = await findJourney(
    database,
    journeyId,
    isVisible<"journeys">(database, caller, "journeys.journey_id"),
    tracesErased(caller),
  );
  if (journey === undefined) throw unknownJourney(journeyId);
  return journey;
}

/** A journey whose milestones the caller may see; 404 otherwise. */
export async function journeyWithMilestones(database: Kysely<Database>, caller: Caller, journeyId: string): Promise<Journey> {
  const condition = hasVisibleMilestones<"journeys">(database, caller, "journeys.journey_id");
  const journey = await findJourney(database, journeyId, condition);
  if (journey === undefined) throw unknownJourney(journeyId);
  return journey;
}

export async function maySeeJourney(database: Kysely<Database>, caller: Caller, journeyId: string): Promise<boolean> {
  return (
    (await findJourney(database, journeyId, isVisible<"journeys">(database, caller, "journeys.journey_id"))) !==
    undefined
  );
}

/** A journey the caller works in under its identity; 404 otherwise. */
export async function knownJourney(database: Kysely<Database>, caller: Caller, journeyId: string): Promise<Journey> {
  const condition = isKnown<"journeys">(database, caller, "journeys.journey_id");
  const journey = await findJourney(database, journeyId, condition, tracesErased(caller));
  if (journey === undefined) throw unknownJourney(journeyId);
  return journey;
}

/** Whether a part of a journey is within the caller's view: by its duties and, for identity and bodies, by its work in it. */
export async function seesOf(database: Kysely<Database>, caller: Caller, journeyId: string, part: JourneyPart): Promise<boolean> {
  if (!sees(caller, part)) return false;
  if (part !== "identity" && part !== "content") return true;
  return (await findJourney(database, journeyId, isKnown<"journeys">(database, caller, "journeys.journey_id"))) !== undefined;
}

/** A journey as such, for acts that any authorised participant may do in it. */
export async function anyJourney(database: Kysely<Database>, journeyId: string): Promise<Journey> {
  const journey = await findJourney(database, journeyId, (where) => where.lit(true));
  if (journey === undefined) throw unknownJourney(journeyId);
  return journey;
}

async function findJourney(
  database: Kysely<Database>,
  journeyId: string,
  condition: (where: ExpressionBuilder<Database, "journeys">) => Expression<SqlBool>,
  traces = false,
): Promise<Journey | undefined> {
  const row = await database
    .selectFrom("journeys")
    .selectAll()
    .where("journey_id", "=", journeyId)
    .where(condition)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { document } = await database
    .selectFrom("flows")
    .select("document")
    .where("document_hash", "=", row.flow_document_hash)
    .executeTakeFirstOrThrow();
  const isShown = row.erased_at_milliseconds === null || traces;
  const identity = isShown ? (await openIdentities(database, [row])).get(journeyId) : null;
  return { ...row, flow: flowOf(row.flow_document_hash, document), chain_of_identity: identity?.chainOfIdentity ?? null };
}

/** 410 for what was erased on the subject's request: it existed, and is not to be had again. */
export function refuseErased(journey: Pick<Journey, "journey_id" | "erased_at_milliseconds">): void {
  if (journey.erased_at_milliseconds === null) return;
  const at = new Date(journey.erased_at_milliseconds).toISOString();
  const detail = `what was disclosed of the journey ${journey.journey_id} was erased at ${at}; its commitments stay on the ledger`;
  throw problem(410, "erased", detail, { erasedAt: at });
}

/**
 * Takes a journey for what is to be written about it, until the transaction ends: one writer at a time, and no erasure in
 * between. Throws 410 when it was erased meanwhile.
 */
export async function lockJourney(transaction: Transaction<Database>, journeyId: string): Promise<void> {
  const row = await transaction.selectFrom("journeys").select(["journey_id", "erased_at_milliseconds"]).where("journey_id", "=", journeyId).forUpdate().executeTakeFirst();
  if (row !== undefined) refuseErased(row);
}

function unknownJourney(journeyId: string) {
  return problem(404, "unknown-journey", `there is no journey ${journeyId} that you may see`);
}
