import type { OperationOutcome } from "./operation-outcome.ts";
import type { Resource } from "./data-types.ts";

export interface Page {
  resources: readonly Resource[];
  /** How many there are in all; undefined when the whole was not counted. */
  total: number | undefined;
  /** What the search left aside. */
  outcome?: OperationOutcome | undefined;
  /** Addresses of this page, and of the next if there is one. */
  self: string;
  next: string | null;
}

/** A page of a search (FHIR R4, Bundle of type searchset). `base` is the address of the façade. */
export function searchset(base: string, { resources, total, outcome, self, next }: Page) {
  const entry = [
    ...resources.map((resource) => ({
      fullUrl: `${base}/${resource.resourceType}/${resource.id}`,
      resource,
      search: { mode: "match" },
    })),
    ...(outcome === undefined ? [] : [{ resource: outcome, search: { mode: "outcome" } }]),
  ];
  return {
    resourceType: "Bundle" as const,
    type: "searchset" as const,
    ...(total === undefined ? {} : { total }),
    link: [{ relation: "self", url: self }, ...(next === null ? [] : [{ relation: "next", url: next }])],
    ...(entry.length === 0 ? {} : { entry }),
  };
}
