import { z } from "zod";
import { capabilityStatement, JOURNEY_RESOURCE_TYPES, journeyResources, searchset } from "../../model/fhir/index.ts";
import type { ResourceType } from "../../model/fhir/index.ts";
import { auditEvents, recordAccess } from "../fhir/access-trail.ts";
import { accessTo } from "../fhir/find-resources.ts";
import { loadJourneyForFhir } from "../fhir/load-journey.ts";
import { bundleSchema, countOf, failures, fhirBase, pageAddress, readNumbers, tokenOf } from "../fhir/pages.ts";
import { organisationOf } from "../fhir/reader.ts";
import { ACCESS, mayCall } from "../http/access.ts";
import type { Caller } from "../http/caller.ts";
import { FHIR_MEDIA_TYPE } from "../http/fhir-facade.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { seesOf, knownJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { journeyPath } from "../schemas/common.ts";

const VERSION = "0.1.0";

/** Most AuditEvents of one journey that its bundle tells; the search for AuditEvent pages through all of them. */
const AUDIT_EVENTS = 10_000;

/** What the FHIR façade is, and a journey as a whole. */
export function fhirOperations(parts: OracleParts, publicUrl: () => string): Operation[] {
  const { database } = parts;

  const metadata = operation({
    operationId: "getFhirMetadata",
    method: "get",
    path: "/fhir/R4/metadata",
    tag: "FHIR R4",
    summary: "CapabilityStatement: what the façade serves and can be searched by",
    query: z.looseObject({}),
    failures,
    responses: {
      200: {
        description: "The statement.",
        schema: z.looseObject({ resourceType: z.literal("CapabilityStatement") }),
        mediaType: FHIR_MEDIA_TYPE,
      },
    },
    handle() {
      const body = capabilityStatement(fhirBase(publicUrl()), VERSION);
      return Promise.resolve({ status: 200, mediaType: FHIR_MEDIA_TYPE, body });
    },
  });

  const everything = operation({
    operationId: "getFhirJourneyEverything",
    method: "get",
    path: "/fhir/R4/journeys/{journeyId}/$everything",
    tag: "FHIR R4",
    summary: "Every resource of a journey that the caller may see",
    parameters: journeyPath,
    query: z.strictObject({ _count: z.string().optional(), _page: z.string().optional(), _format: z.string().optional() }),
    failures,
    responses: {
      200: { description: "A page of the journey's resources.", schema: bundleSchema, mediaType: FHIR_MEDIA_TYPE },
      404: { description: "No such journey that you may see." },
    },
    async handle({ path, query, caller }) {
      const reader = organisationOf(caller);
      const request = { interaction: "operation", resourceType: null } as const;
      const { journeyId } = path;
      if (!(await seesOf(database, reader, journeyId, "identity"))) await recordAccess(parts.accesses, reader, request, []);
      const journey = await loadJourneyForFhir(parts, reader, await knownJourney(database, reader, journeyId));
      const types = JOURNEY_RESOURCE_TYPES.filter((type) => maySearch(reader, type));
      // Accesses up to the first page's: the reading of each page is one more, and would never end.
      const [offset = 0, before] = readNumbers(query._page, /^(\d{1,9})\.(\d{1,15})$/) ?? [];
      const window = { journeyIds: [journeyId], ...(before === undefined ? {} : { before }) };
      const audits = maySearch(reader, "AuditEvent") ? await auditEvents(database, reader, window, AUDIT_EVENTS) : [];
      const all = [...journeyResources(journey, types), ...audits.map(({ resource }) => resource)];
      const count = countOf(query, parts.limits.pageEntries, parts.limits.pageEntries);
      const resources = all.slice(offset, offset + count);
      await recordAccess(parts.accesses, reader, request, [accessTo(journey, resources)]);
      const base = fhirBase(publicUrl());
      const address = `${base}/journeys/${journeyId}/$everything`;
      const heeded: [string, string][] = [["_count", String(count)]];
      const last = before ?? (audits[0]?.accessNumber ?? 0) + 1;
      const next = offset + count < all.length ? tokenOf(offset + count, last) : null;
      const body = searchset(base, {
        resources,
        total: all.length,
        self: pageAddress(address, heeded, query._page === undefined || query._page === "" ? null : query._page),
        next: next === null ? null : pageAddress(address, heeded, next),
      });
      return { status: 200, mediaType: FHIR_MEDIA_TYPE, body };
    },
  });


  return [metadata, everything];
}

function maySearch(caller: Caller, type: ResourceType): boolean {
  return mayCall(ACCESS[`searchFhir${type}`] ?? {}, caller);
}
