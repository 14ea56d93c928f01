import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readJourneyFolder } from "../../../services/cli/journey/folder.ts";
import { projectRoot } from "../../support/threadline.ts";

describe("readJourneyFolder", () => {
  type Editable = { steps: Record<string, string>[]; participants: { roles: string[] }[]; devcies?: unknown };
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "threadline-folder-"));
    cpSync(join(projectRoot, "examples", "car-t"), folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const change = (edit: (journey: Editable) => void) => {
    const file = join(folder, "journey.json");
    const journey = JSON.parse(readFileSync(file, "utf8"));
    edit(journey);
    writeFileSync(file, JSON.stringify(journey));
  };

  it("reads every file a journey names", () => {
    const journey = readJourneyFolder(folder);
    expect(journey.documents.size).toBe(25);
    expect([...journey.readings.keys()]).toEqual(["readings/inbound.csv", "readings/outbound.csv"]);
    expect(journey.flow.steps).toHaveLength(25);
  });

  const cases: [string, (journey: Editable) => void, RegExp][] = [
    ["a file that is not there", (journey) => void journey.steps.push({ capture: "events/99.jsonld", by: "hospital" }), /events\/99\.jsonld: cannot be read/],
    ["a file outside the folder", (journey) => void journey.steps.push({ capture: "../../secret", by: "hospital" }), /outside the journey folder/],
    ["a stranger", (journey) => void Object.assign(journey.steps[0] ?? {}, { by: "nobody" }), /"nobody", who is not in participants/],
    ["an unknown gate", (journey) => void journey.steps.push({ release: "heaven", by: "hospital" }), /gate "heaven"/],
    ["an unknown leg", (journey) => void journey.steps.push({ leg: "sea", device: "x", readings: "readings/inbound.csv" }), /leg "sea"/],
    ["a misspelt member", (journey) => void (journey.devcies = []), /devcies/],
    ["a role nobody has", (journey) => void Object.assign(journey.participants[0] ?? {}, { roles: ["wizard"] }), /roles/],
  ];
  it.each(cases)("names %s", (_what, edit, message) => {
    change(edit);
    expect(() => readJourneyFolder(folder)).toThrow(message);
  });

  it("names the line of a reading that cannot be read", () => {
    writeFileSync(join(folder, "readings/inbound.csv"), "time,temperature_celsius,tilt_degrees\n2026-03-02T08:00:00Z,warm,\n");
    expect(() => readJourneyFolder(folder)).toThrow(/2/);
  });
});
