import { describe, expect, test } from "vitest";
import { parseEpcisDocument, parseEpcisQueryDocument } from "../../../services/model/epcis/index.ts";
import { gs1Verdict, mutations } from "./gs1-schema.ts";
import { jsonFiles, readJson, sharedData } from "./shared-data.ts";

const FOLDERS = ["gs1-EPCIS", "openepcis-test-resources", "RalphTro-epcis-event-hash-generator"];
const gs1Folder = sharedData("gs1-EPCIS");

/** Where Threadline differs from GS1's schema on purpose. */
const STRICTER: Record<string, string> = {
  "JSON-Schema/test/Extended-Event.json": "vendor event types: Threadline takes the five types of the standard only",
};

/** Documents filed as valid by their authors that GS1's own schema refuses; Threadline agrees with the schema. */
const REFUSED_BY_GS1_TOO = [
  "event_with_identical_hash_id_7.json",
  "Capture/Documents/SensorData_with_combined_events.json",
  "Capture/Documents/TransactionEvent_with_userExtensions.json",
  "Query/SensorData_with_combined_events.json",
  "Query/TransactionEvent_with_userExtensions.json",
];

const DELIBERATE = [/^The prefix of ".*" is not declared in @context$/, /is no event type/, /may not be declared anew$/];

interface Verdict {
  ok: boolean;
  messages: string[];
}

function verdict(json: unknown): Verdict {
  const isQuery = typeof json === "object" && json !== null && "type" in json && json.type === "EPCISQueryDocument";
  const result = isQuery ? parseEpcisQueryDocument(json) : parseEpcisDocument(json);
  return { ok: result.ok, messages: result.ok ? [] : result.issues.map((issue) => issue.message) };
}

describe.skipIf(gs1Folder === null)("agreement with GS1's JSON Schema, format assertion on", () => {
  const accepts = gs1Folder === null ? () => false : gs1Verdict(gs1Folder);
  const documents = FOLDERS.flatMap((folder) => {
    const path = sharedData(folder);
    return path === null ? [] : jsonFiles(path).map((name) => ({ name, json: readJson(path, name) }));
  });

  test("every JSON file of the shared data gets the same verdict", () => {
    const differing = documents.filter(({ json }) => verdict(json).ok !== accepts(json)).map(({ name }) => name);
    expect(differing).toEqual(Object.keys(STRICTER));
    const valid = documents.filter(({ json }) => accepts(json)).length;
    console.warn(`GS1 schema agreement: ${documents.length} JSON files, ${valid} valid, ${differing.length} stricter by intent`);
    expect(documents.length).toBeGreaterThanOrEqual(145);
    expect(valid).toBeGreaterThanOrEqual(90);
  });

  test("parsing changes nothing: events come out as they went in", () => {
    let events = 0;
    for (const { name, json } of documents) {
      const result = parseEpcisDocument(json);
      if (!result.ok || result.document === null) continue;
      expect(result.events, name).toEqual((json as { epcisBody: { eventList: unknown[] } }).epcisBody.eventList);
      events += result.events.length;
    }
    expect(events).toBeGreaterThan(100);
  });

  test("all documents filed as invalid are refused, and only the named ones filed as valid", () => {
    const filedInvalid = documents.filter(({ name }) => /JSON\/(Capture|Query)\/Invalid\//.test(name));
    expect(filedInvalid.length).toBeGreaterThanOrEqual(14);
    expect(filedInvalid.filter(({ json }) => verdict(json).ok)).toEqual([]);
    const filedValid = documents.filter(({ name, json }) => {
      return !name.includes("/Invalid/") && /EPCIS(Query)?Document/.test(String((json as { type?: string }).type));
    });
    const refused = filedValid.filter(({ json }) => !verdict(json).ok).map(({ name }) => name);
    expect(refused).toHaveLength(REFUSED_BY_GS1_TOO.length);
    for (const end of REFUSED_BY_GS1_TOO) expect(refused.some((name) => name.endsWith(end)), end).toBe(true);
  });

  test("with one thing changed, nothing GS1 refuses is accepted, and stricter verdicts are of the named kinds", () => {
    const EVERY = 11;
    const tooLenient: string[] = [];
    const unexpected: string[] = [];
    let tried = 0;
    let refused = 0;
    for (const { name, json } of documents.filter((document) => accepts(document.json))) {
      if (JSON.stringify(json).length > 6000) continue;
      for (const mutation of mutations(json)) {
        tried += 1;
        if (tried % EVERY !== 0) continue;
        const ours = verdict(mutation.json);
        const theirs = accepts(mutation.json);
        if (!theirs) refused += 1;
        if (!theirs && ours.ok) tooLenient.push(`${name}: ${mutation.change}`);
        const intended = ours.messages.some((message) => DELIBERATE.some((pattern) => pattern.test(message)));
        if (theirs && !ours.ok && !intended) unexpected.push(`${name}: ${mutation.change}: ${ours.messages.join("; ")}`);
      }
    }
    expect(tooLenient).toEqual([]);
    expect(unexpected).toEqual([]);
    expect(refused).toBeGreaterThan(1000);
  }, 60_000);
});
