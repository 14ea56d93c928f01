import type { Kysely, Selectable } from "kysely";
import { auditEventOf } from "../../model/fhir/index.ts";
import type { Interaction, Resource } from "../../model/fhir/index.ts";
import type { AccessRow } from "../../store/access-schema.ts";
import type { AccessTrail } from "../../store/access-trail.ts";
import type { Database } from "../../store/schema.ts";
import { accessorOf } from "../audit/accessor.ts";
import { seesEveryJourney } from "../http/caller.ts";
import type { Caller } from "../http/caller.ts";
import { participantNames } from "../journeys/status.ts";
import { isVisible } from "../journeys/visible.ts";

/** What was asked, without what was asked for. */
export interface AccessRequest {
  interaction: Interaction;
  resourceType: string | null;
  resourceId?: string;
  /** Names of the known search parameters that were given. */
  parameters?: readonly string[];
  /** Refused before anything was looked for; otherwise a read that found nothing to show counts as refused. */
  isRefused?: true;
}

/** What was answered of one journey; without one when nothing was found or shown. */
export interface JourneyAccess {
  journeyId: string | null;
  resources: number;
  pseudonymShown: boolean;
}

/**
 * Writes an access down, once for each journey, before it is answered: when this fails, nothing is answered. An access
 * that came to nothing is written down too.
 */
export async function recordAccess(
  accesses: AccessTrail,
  caller: Caller,
  request: AccessRequest,
  journeys: readonly JourneyAccess[],
): Promise<void> {
  const nothing: JourneyAccess = { journeyId: null, resources: 0, pseudonymShown: false };
  const occurredAt = Date.now();
  await accesses.record(
    (journeys.length === 0 ? [nothing] : journeys).map((access) => ({
      ...accessorOf(caller),
      occurred_at_milliseconds: occurredAt,
      operation_id: operationOf(request),
      status: null,
      interaction: request.interaction,
      resource_type: request.resourceType,
      resource_id: request.resourceId ?? null,
      journey_id: access.journeyId,
      parameters: (request.parameters ?? []).join(" "),
      resources: access.resources,
      is_refused: request.isRefused ?? (request.interaction !== "search-type" && access.journeyId === null && access.resources === 0),
      pseudonym_shown: access.pseudonymShown,
    })),
  );
}

function operationOf({ interaction, resourceType }: AccessRequest): string {
  if (resourceType === null) return "getFhirJourneyEverything";
  return `${interaction === "read" ? "read" : "search"}Fhir${resourceType}`;
}

/** Writes down that the access table kept somebody out of an operation of the façade. */
export async function recordRefusal(accesses: AccessTrail, operationId: string, caller: Caller): Promise<void> {
  const [, verb, resourceType = null] = /^(read|search)Fhir(\w+)$/.exec(operationId) ?? [];
  if (verb === undefined && operationId !== "getFhirJourneyEverything") return;
  const interaction = verb === undefined ? "operation" : verb === "read" ? "read" : "search-type";
  await recordAccess(accesses, caller, { interaction, resourceType, isRefused: true }, []);
}

/** What accesses are asked for; all of it must hold. */
export interface AccessQuery {
  accessIds?: readonly string[];
  journeyIds?: readonly string[];
  /** Only those before this number. */
  before?: number;
}

export interface AuditEvent {
  accessNumber: number;
  journeyId: string | null;
  resource: Resource;
}

/** AuditEvents of the journeys a caller may see, newest first; those of no journey are for oversight only. */
export async function auditEvents(
  database: Kysely<Database>,
  caller: Caller,
  { accessIds, journeyIds, before }: AccessQuery,
  limit: number,
): Promise<AuditEvent[]> {
  let rows = database.selectFrom("accesses").selectAll().where("interaction", "is not", null);
  if (!seesEveryJourney(caller)) rows = rows.where("journey_id", "is not", null).where(isVisible<"accesses">(database, caller, "journey_id"));
  if (accessIds !== undefined) rows = rows.where("access_id", "in", accessIds.length === 0 ? [""] : accessIds);
  if (journeyIds !== undefined) rows = rows.where("journey_id", "in", journeyIds.length === 0 ? [""] : journeyIds);
  if (before !== undefined) rows = rows.where("access_number", "<", before);
  const found = await rows.orderBy("access_number", "desc").limit(limit).execute();
  const people = await participantNames(database);
  return found.map((row) => ({
    accessNumber: row.access_number,
    journeyId: row.journey_id,
    resource: auditEventOf(accessOf(row, people.get(row.participant_id))),
  }));
}

function accessOf(row: Selectable<AccessRow>, organisation: { gln: string; name: string } | undefined) {
  const words = (text: string) => text.split(" ").filter((word) => word !== "");
  return {
    accessId: row.access_id,
    occurredAt: row.occurred_at_milliseconds,
    organisation: organisation ?? { gln: null, name: null },
    roles: words(row.roles),
    interaction: row.interaction as Interaction,
    resourceType: row.resource_type,
    resourceId: row.resource_id,
    journeyId: row.journey_id,
    parameters: words(row.parameters),
    resources: row.resources,
    isRefused: row.is_refused,
    pseudonymShown: row.pseudonym_shown,
  };
}
