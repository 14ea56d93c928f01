import { describe, expect, it } from "vitest";
import { journeyResources, matchesSearch, parseSearch } from "../../../services/model/fhir/index.ts";
import type { ResourceType } from "../../../services/model/fhir/index.ts";
import { COLLECTION, exampleJourney, PSEUDONYM } from "./journey.ts";

const resources = journeyResources(exampleJourney());

function found(type: ResourceType, query: Record<string, string>): number {
  const result = parseSearch(type, query, true);
  if (!result.ok) throw new Error(result.message);
  return resources.filter((resource) => resource.resourceType === type && matchesSearch(resource, result.search)).length;
}

const PSEUDONYMS = "https://threadline.example/fhir/NamingSystem/patient-pseudonym";

describe("search", () => {
  it("finds by identifier with and without its system", () => {
    expect(found("BiologicallyDerivedProduct", { identifier: COLLECTION })).toBe(1);
    expect(found("BiologicallyDerivedProduct", { identifier: `urn:ietf:rfc:3986|${COLLECTION}` })).toBe(1);
    expect(found("BiologicallyDerivedProduct", { identifier: `https://www.gs1.org/gln|${COLLECTION}` })).toBe(0);
    expect(found("BiologicallyDerivedProduct", { identifier: `|${COLLECTION}` })).toBe(0);
    expect(found("BiologicallyDerivedProduct", { identifier: "urn:ietf:rfc:3986|" })).toBe(2);
    expect(found("BiologicallyDerivedProduct", { identifier: "CHA999926000001" })).toBe(2);
    expect(found("BiologicallyDerivedProduct", { identifier: `nothing,${COLLECTION}` })).toBe(1);
    expect(found("BiologicallyDerivedProduct", { identifier: `nothing\\,${COLLECTION}` })).toBe(0);
  });

  it("joins parameters by and, values by or", () => {
    expect(found("Procedure", { code: "infusion,apheresis-collection" })).toBe(2);
    expect(found("Procedure", { code: "infusion", identifier: "urn:uuid:00000000-0000-4000-8000-000000000025" })).toBe(1);
    expect(found("Procedure", { code: "infusion", identifier: "urn:uuid:00000000-0000-4000-8000-000000000003" })).toBe(0);
  });

  it("finds a patient by identifier and by nothing else", () => {
    expect(found("Specimen", { "patient:identifier": `${PSEUDONYMS}|${PSEUDONYM}` })).toBe(1);
    expect(found("Specimen", { "subject:identifier": `${PSEUDONYMS}|0x00` })).toBe(0);
    expect(parseSearch("Specimen", { patient: "Patient/1" }, false)).toMatchObject({ ok: false, code: "search-modifier-not-supported" });
  });

  it("ignores what it does not know, refuses it when strict, and refuses modifiers always", () => {
    expect(parseSearch("Specimen", { colour: "red" }, false)).toMatchObject({ ok: true, search: { criteria: [], ignored: ["colour"] } });
    expect(parseSearch("Specimen", { colour: "red" }, true)).toMatchObject({ ok: false, code: "search-parameter-not-supported" });
    expect(parseSearch("Specimen", { "identifier:not": "x" }, false)).toMatchObject({ ok: false, code: "search-modifier-not-supported" });
    expect(parseSearch("Specimen", { identifier: "", _count: "3", _format: "json" }, true)).toMatchObject({ ok: true, search: { criteria: [] } });
    expect(parseSearch("Specimen", { identifier: Array.from({ length: 51 }, String).join(",") }, false)).toMatchObject({ ok: false, code: "search-too-costly" });
  });
});
