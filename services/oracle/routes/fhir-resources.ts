import { z } from "zod";
import { ignoredParameters, JOURNEY_RESOURCE_TYPES, parseSearch, RESOURCE_TYPES, SEARCH_PARAMETERS, searchset } from "../../model/fhir/index.ts";
import type { JourneyResourceType, Resource, ResourceType, Search } from "../../model/fhir/index.ts";
import { auditEvents, recordAccess } from "../fhir/access-trail.ts";
import type { JourneyAccess } from "../fhir/access-trail.ts";
import { findResources, readResource } from "../fhir/find-resources.ts";
import { bundleSchema, countOf, failures, fhirBase, pageAddress, placeToken, readNumbers, readPlace, tokenOf } from "../fhir/pages.ts";
import { organisationOf } from "../fhir/reader.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { FHIR_MEDIA_TYPE } from "../http/fhir-facade.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";

const idPath = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9\-.]{1,64}$/, "a FHIR id") });

interface FoundTypePage {
  resources: Resource[];
  accesses: JourneyAccess[];
  nextToken: string | null;
}

/** Read and search of every type the façade serves (FHIR R4, RESTful API). */
export function fhirResourceOperations(parts: OracleParts, publicUrl: () => string): Operation[] {
  return RESOURCE_TYPES.flatMap((type) => [readOperation(parts, type), searchOperation(parts, type, publicUrl)]);
}

function readOperation(parts: OracleParts, type: ResourceType): Operation {
  return operation({
    operationId: `readFhir${type}`,
    method: "get",
    path: `/fhir/R4/${type}/{id}`,
    tag: "FHIR R4",
    summary: `One ${type}`,
    parameters: idPath,
    query: z.strictObject({ _format: z.string().optional() }),
    failures,
    responses: {
      200: { description: "The resource.", schema: z.looseObject({ resourceType: z.literal(type), id: z.string() }), mediaType: FHIR_MEDIA_TYPE },
      404: { description: "No such resource that you may see." },
    },
    async handle({ path, caller }) {
      const reader = organisationOf(caller);
      const { resource, accesses } = isJourneyType(type)
        ? await readResource(parts, reader, type, path.id)
        : await readAuditEvent(parts, reader, path.id);
      await recordAccess(parts.accesses, reader, { interaction: "read", resourceType: type, resourceId: path.id }, accesses);
      if (resource === undefined) throw problem(404, "unknown-resource", `there is no ${type}/${path.id} that you may see`);
      return { status: 200, mediaType: FHIR_MEDIA_TYPE, body: resource };
    },
  });
}

function searchOperation(parts: OracleParts, type: ResourceType, publicUrl: () => string): Operation {
  const address = `/fhir/R4/${type}`;
  return operation({
    operationId: `searchFhir${type}`,
    method: "get",
    path: address,
    tag: "FHIR R4",
    summary: `Search ${type} in the journeys the caller may see`,
    query: z.record(z.string(), z.string()),
    queryDocument: queryDocument(type),
    failures,
    responses: {
      200: { description: "A page of the search.", schema: bundleSchema, mediaType: FHIR_MEDIA_TYPE },
    },
    async handle({ query, caller, header }) {
      const reader = organisationOf(caller);
      const parsed = parseSearch(type, query, /handling\s*=\s*strict/i.test(header("prefer") ?? ""));
      if (!parsed.ok) throw problem(400, parsed.code, parsed.message);
      const { search } = parsed;
      const count = countOf(query, parts.limits.pageEntries);
      const page = isJourneyType(type)
        ? await journeyPage(parts, reader, type, search, count, query["_page"])
        : await auditPage(parts, reader, search, count, query["_page"]);
      const parameters = search.criteria.map(({ parameter }) => parameter);
      await recordAccess(parts.accesses, reader, { interaction: "search-type", resourceType: type, parameters }, page.accesses);
      const base = fhirBase(publicUrl());
      const heeded: [string, string][] = [...search.criteria.map(({ name, text }): [string, string] => [name, text]), ["_count", String(count)]];
      const token = query["_page"] ?? "";
      const isWhole = token === "" && page.nextToken === null;
      const body = searchset(base, {
        resources: page.resources,
        total: isWhole ? page.resources.length : undefined,
        outcome: search.ignored.length === 0 ? undefined : ignoredParameters(search.ignored),
        self: pageAddress(`${base}/${type}`, heeded, token === "" ? null : token),
        next: page.nextToken === null ? null : pageAddress(`${base}/${type}`, heeded, page.nextToken),
      });
      return { status: 200, mediaType: FHIR_MEDIA_TYPE, body };
    },
  });
}

async function journeyPage(
  parts: OracleParts,
  reader: ParticipantCaller,
  type: JourneyResourceType,
  search: Search,
  count: number,
  token: string | undefined,
): Promise<FoundTypePage> {
  const page = await findResources(parts, reader, type, search, { count, place: readPlace(token) });
  return { ...page, nextToken: page.next === null ? null : placeToken(page.next) };
}

async function auditPage(
  { database }: OracleParts,
  reader: ParticipantCaller,
  search: Search,
  count: number,
  token: string | undefined,
): Promise<FoundTypePage> {
  const [before] = readNumbers(token, /^(\d{1,15})$/) ?? [];
  const asked = (name: "_id" | "journey") => {
    const criteria = search.criteria.filter(({ parameter }) => parameter === name);
    return criteria.length === 0 ? undefined : criteria.flatMap(({ tokens }) => tokens.flatMap(({ value }) => value ?? []));
  };
  const [accessIds, journeyIds] = [asked("_id"), asked("journey")];
  const found = await auditEvents(
    database,
    reader,
    {
      ...(accessIds === undefined ? {} : { accessIds }),
      ...(journeyIds === undefined ? {} : { journeyIds }),
      ...(before === undefined ? {} : { before }),
    },
    count + 1,
  );
  const shown = found.slice(0, count);
  const last = shown.at(-1);
  const journeys = [...new Set(shown.map(({ journeyId }) => journeyId))];
  return {
    resources: shown.map(({ resource }) => resource),
    accesses: journeys.map((journeyId) => ({
      journeyId,
      resources: shown.filter((entry) => entry.journeyId === journeyId).length,
      pseudonymShown: false,
    })),
    nextToken: found.length > count && last !== undefined ? tokenOf(last.accessNumber) : null,
  };
}

async function readAuditEvent({ database }: OracleParts, reader: ParticipantCaller, id: string) {
  const [event] = await auditEvents(database, reader, { accessIds: [id] }, 1);
  if (event === undefined) return { resource: undefined, accesses: [] };
  return { resource: event.resource, accesses: [{ journeyId: event.journeyId, resources: 1, pseudonymShown: false }] };
}

function isJourneyType(type: ResourceType): type is JourneyResourceType {
  return (JOURNEY_RESOURCE_TYPES as readonly string[]).includes(type);
}

function queryDocument(type: ResourceType): z.ZodObject {
  const names = SEARCH_PARAMETERS[type].map(({ name, type: kind, documentation }) => {
    const written = kind === "reference" && name !== "target" ? `${name}:identifier` : name;
    return [written, z.string().meta({ description: documentation }).optional()];
  });
  return z.strictObject({
    ...Object.fromEntries(names),
    _count: z.string().meta({ description: "entries of a page" }).optional(),
    _page: z.string().meta({ description: "from the link to the next page" }).optional(),
    _format: z.string().optional(),
  });
}
