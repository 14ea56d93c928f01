import { describe, expect, test } from "vitest";
import * as vocabulary from "../../../services/model/epcis/vocabulary.ts";
import { readJson, sharedData } from "./shared-data.ts";

const gs1 = sharedData("gs1-EPCIS");

test("CBV 2.0 has 41 business steps and 33 dispositions", () => {
  expect(new Set(vocabulary.BUSINESS_STEPS).size).toBe(41);
  expect(new Set(vocabulary.DISPOSITIONS).size).toBe(33);
});

test("words, CBV 1.x URNs and own URIs become URIs", () => {
  const { bizStep } = vocabulary.VOCABULARIES;
  const shipping = "https://ref.gs1.org/cbv/BizStep-shipping";
  expect(vocabulary.vocabularyUri(bizStep, "shipping")).toBe(shipping);
  expect(vocabulary.vocabularyUri(bizStep, "urn:epcglobal:cbv:bizstep:shipping")).toBe(shipping);
  expect(vocabulary.vocabularyUri(bizStep, "https://a.example/x")).toBe("https://a.example/x");
});

describe.skipIf(gs1 === null)("the words are those of GS1's schema", () => {
  interface Definition {
    enum?: string[];
    anyOf?: Definition[];
  }
  const definitions = gs1 === null ? {} : (readJson(gs1, "EPCIS-JSON-Schema.json") as { definitions: Record<string, Definition> }).definitions;

  test.each([
    ["bizStep", vocabulary.BUSINESS_STEPS],
    ["disposition", vocabulary.DISPOSITIONS],
    ["bizTransaction-type", vocabulary.BUSINESS_TRANSACTION_TYPES],
    ["source-dest-type", vocabulary.SOURCE_DESTINATION_TYPES],
    ["error-reason", vocabulary.ERROR_REASONS],
    ["sensorAlertType", vocabulary.SENSOR_ALERTS],
    ["component", vocabulary.COMPONENTS],
    ["measurementType", vocabulary.MEASUREMENT_TYPES],
  ] as [string, readonly string[]][])("%s", (name, words) => {
    const theirs = definitions[name]?.anyOf?.find((option) => option.enum !== undefined)?.enum;
    expect([...words].sort()).toEqual([...(theirs ?? [])].sort());
  });
});
