import { journeyRangeOf, journeyResources, matchesSearch } from "../../model/fhir/index.ts";
import type { FhirJourney, JourneyResourceType, Resource, Search } from "../../model/fhir/index.ts";
import { dutyAllows, JOURNEY_DOMAIN } from "../../model/patient/index.ts";
import { tracesErased } from "../http/caller.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { isKnown, knownJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import type { JourneyAccess } from "./access-trail.ts";
import { journeysNaming, loadJourneyForFhir } from "./load-journey.ts";

/** Journeys one request looks into; a page may then be short, and its next one goes on from there. */
const JOURNEYS_PER_REQUEST = 50;

/** Where a page begins: within a journey, after so many of its resources. */
export interface Place {
  createdAtMilliseconds: number;
  journeyId: string;
  offset: number;
}

export interface FoundPage {
  resources: Resource[];
  accesses: JourneyAccess[];
  next: Place | null;
}

/** One resource of a journey the caller may see, by its id. */
export async function readResource(parts: OracleParts, caller: ParticipantCaller, type: JourneyResourceType, id: string) {
  const search: Search = {
    type,
    criteria: [{ parameter: "_id", name: "_id", text: id, tokens: [{ value: id }] }],
    ignored: [],
  };
  const { resources, accesses } = await findResources(parts, caller, type, search, { count: 1, place: null });
  return { resource: resources[0], accesses };
}

/** A page of the resources of one type that a search finds in the journeys a caller may see. */
export async function findResources(
  parts: OracleParts,
  caller: ParticipantCaller,
  type: JourneyResourceType,
  search: Search,
  { count, place }: { count: number; place: Place | null },
): Promise<FoundPage> {
  const found: FoundPage = { resources: [], accesses: [], next: null };
  const rows = await candidates(parts, caller, search, place);
  for (const [index, row] of rows.entries()) {
    const start = row.journeyId === place?.journeyId ? place.offset : 0;
    const here = { createdAtMilliseconds: row.createdAt, journeyId: row.journeyId };
    if (found.resources.length === count || index === JOURNEYS_PER_REQUEST) return { ...found, next: { ...here, offset: start } };
    const journey = await loadJourneyForFhir(parts, caller, await knownJourney(parts.database, caller, row.journeyId));
    const matching = journeyResources(journey, [type]).filter((resource) => matchesSearch(resource, search));
    const taken = matching.slice(start, start + count - found.resources.length);
    if (taken.length > 0) found.accesses.push(accessTo(journey, taken));
    found.resources.push(...taken);
    if (start + taken.length < matching.length) return { ...found, next: { ...here, offset: start + taken.length } };
  }
  return found;
}

export function accessTo({ journeyId, patient }: FhirJourney, resources: readonly Resource[]): JourneyAccess {
  const pseudonymShown = patient.state === "known" && JSON.stringify(resources).includes(patient.pseudonym);
  return { journeyId, resources: resources.length, pseudonymShown };
}

/** Journeys the caller may see that a search may find something in, oldest first, one more than are looked into. */
async function candidates(parts: OracleParts, caller: ParticipantCaller, search: Search, place: Place | null) {
  const { database } = parts;
  let rows = database
    .selectFrom("journeys")
    .select(["journeys.journey_id as journeyId", "created_at_milliseconds as createdAt"])
    .where(isKnown<"journeys">(database, caller, "journeys.journey_id"));
  for (const { parameter, tokens } of search.criteria) {
    const values = tokens.flatMap(({ value }) => (value === undefined ? [] : [value]));
    if (parameter === "_id") {
      const ranges = values.map(journeyRangeOf).filter((range) => range !== undefined);
      rows = rows.where((where) =>
        where.or(
          ranges.map(({ first, last }) =>
            where.and([where("journeys.journey_id", ">=", first), where("journeys.journey_id", "<=", last)]),
          ),
        ),
      );
    } else {
      const journeys = await journeysFor(parts, caller, parameter, values);
      if (journeys !== undefined) rows = rows.where("journeys.journey_id", "in", journeys.length === 0 ? [""] : journeys);
      // That a journey is found by an identifier tells whose it is: of an erased one, to who may trace it only.
      if (journeys !== undefined && parameter !== "journey" && !tracesErased(caller)) rows = rows.where("erased_at_milliseconds", "is", null);
    }
  }
  if (place !== null)
    rows = rows.where((where) =>
      where.or([
        where("created_at_milliseconds", ">", place.createdAtMilliseconds),
        where.and([
          where("created_at_milliseconds", "=", place.createdAtMilliseconds),
          where("journeys.journey_id", ">=", place.journeyId),
        ]),
      ]),
    );
  return rows
    .orderBy("created_at_milliseconds")
    .orderBy("journeys.journey_id")
    .limit(JOURNEYS_PER_REQUEST + 1)
    .execute();
}

/** The only journeys in which one of the values can be found; undefined when that is not known beforehand. */
async function journeysFor(
  parts: OracleParts,
  caller: ParticipantCaller,
  parameter: Search["criteria"][number]["parameter"],
  values: readonly string[],
): Promise<string[] | undefined> {
  if (parameter === "journey") return [...values];
  if (parameter === "patient" || parameter === "subject") {
    // Who may not learn a pseudonym may not try one out either.
    if (!dutyAllows(caller.roles, JOURNEY_DOMAIN, "treatment")) return [];
    return (await Promise.all(values.map((value) => parts.patients.journeysOfPseudonym(value)))).flat();
  }
  if (parameter !== "identifier" || values.length === 0) return undefined;
  const named = await Promise.all(values.map((value) => journeysNaming(parts, value)));
  return named.some((journeys) => journeys === undefined) ? undefined : named.flatMap((journeys) => journeys ?? []);
}
