import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalDigitalLink, canonicalEpc, epcsOf, parseDigitalLink } from "../../../services/model/identity/index.ts";
import { readJson, sharedData } from "../epcis/shared-data.ts";
import { elements } from "./arbitraries.ts";

const folder = sharedData("RalphTro-epcis-event-hash-generator");

describe.skipIf(folder === null)("the published normalisation vectors", () => {
  const vectors = (folder === null ? {} : readJson(folder, "dl-normaliser-vectors.json")) as Record<string, unknown>;
  const pairs = (vectors["pairs[epc_uri_or_dl,canonical_digital_link]"] ?? []) as [string, string][];
  const none = (vectors["expected_none"] ?? []) as string[];

  test("there are 59 and 8", () => expect([pairs.length, none.length]).toEqual([59, 8]));
  test.each(pairs)("%s", (uri, canonical) => expect(canonicalDigitalLink(uri)).toBe(canonical));
  test.each(none)("%s has none", (uri) => expect(canonicalDigitalLink(uri)).toBeNull());
});

test.each([
  "urn:epc:id:sgtin:4012345.11111.9876", "urn:epc:id:sgtin:4012345.011111.", "urn:epc:id:sscc:4012345.3111111111.1",
  "urn:epc:class:sgtin:4012345.011111.9876", "urn:epc:id:lgtin:4012345.011111.9876", "urn:epc:idpat:sgtin:4012345.012345.7",
  "urn:epc:idpat:sscc:4012345.3111111111.*", "urn:epc:id:constructor:4012345.011111.9876", "urn:epc:id:itip:4012345.011111.01.987",
  "urn:epc:id:giai:40123.ABC", "urn:epc:id:sgcn:4012345.99999.A4", "urn:uuid:6f1f0a5e-3a3c-4c55-9d0b-2f3a6b7f1a10",
  "https://id.gs1.org/01/04012345111118/10/L/21/S/22/V", "https://id.gs1.org/8018/385888700111111111/8019/7", "https://id.gs1.org/",
])("%s has no canonical Digital Link", (uri) => expect(canonicalDigitalLink(uri)).toBeNull());

test("EPCs are compared in one way of percent-encoding", () => {
  const link = "https://id.gs1.org/01/09506000134352/21/A%2FB";
  expect(canonicalEpc("https://brand.example.com/01/9506000134352/21/A%2fB?17=270131")).toBe(link);
  expect(canonicalEpc("urn:epc:id:sgtin:9506000.013435.A%2FB")).toBe(link);
  expect(canonicalEpc("https://bags.example.org/7")).toBe("https://bags.example.org/7");
});

test("a canonical link is its own canonical link, and reads back to the elements it names", () => {
  fc.assert(
    fc.property(elements, (label) => {
      for (const link of epcsOf(label)) {
        expect(canonicalEpc(link)).toBe(link);
        const read = parseDigitalLink(link);
        expect(read.ok && label).toMatchObject(read.ok ? read.value : {});
      }
    }),
  );
});

test("the finest level of each key is named", () => {
  expect(epcsOf({ "01": "09506000134352", "10": "L1", "21": "S/1" })).toEqual(["https://id.gs1.org/01/09506000134352/21/S%2F1"]);
  expect(epcsOf({ "01": "09506000134352", "10": "L1" })).toEqual(["https://id.gs1.org/01/09506000134352/10/L1"]);
  expect(epcsOf({ "8018": "385888700111111111", "8019": "7" })).toEqual(["https://id.gs1.org/8018/385888700111111111/8019/7"]);
});

test.each([
  ["https://id.gs1.org/01/09506000134353", "check-digit-wrong"],
  ["https://id.gs1.org/01/09506000134352/21/A%ZZ", "value-malformed"],
  ["https://id.gs1.org/01/09506000134352/21/A%00", "value-malformed"],
  ["https://id.gs1.org/01/09506000134352/21/A?21=B", "element-contradicts"],
  ["https://example.com/bag/7", "value-malformed"],
  ["ftp://id.gs1.org/01/09506000134352", "value-malformed"],
])("%s is refused as a label", (uri, code) => expect(parseDigitalLink(uri)).toMatchObject({ ok: false, code }));

test("a path of a hundred thousand segments is read in no time", () => {
  const started = performance.now();
  expect(canonicalDigitalLink(`https://a.example${"/01/1234".repeat(100_000)}`)).toBeNull();
  expect(performance.now() - started).toBeLessThan(1000);
});
