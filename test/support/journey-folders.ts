import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { JourneyDescription, JourneyStep } from "../../services/cli/journey/folder.ts";
import type { JourneyResult } from "../../services/cli/journey/result.ts";
import type { FlowDefinition } from "../../services/model/custody/flow.ts";
import { present } from "./present.ts";
import { projectRoot, threadline } from "./threadline.ts";

/** A journey folder in memory, to be changed before it is played. */
export interface JourneyDraft {
  description: JourneyDescription;
  flow: FlowDefinition;
  /** Text of every other file, by its name. */
  files: Map<string, string>;
}

type Event = { eventID: string; eventTime: string; epcList?: string[] } & Record<string, unknown>;

/** Steps of examples/car-t up to the inspection of the collection at the manufacturer. */
const STEPS = 11;

const FIRST_READING = "2026-03-02T23:05:00Z";
const READINGS_FILE = "readings/inbound.csv";
export const COLLECTION = "https://id.gs1.org/01/09506000134352/21/APH0001";

/** The way of examples/car-t from order to inspection, with an inbound leg of 40 minutes, certified at its end without a batch. */
export function shortJourney(): JourneyDraft {
  const read = (name: string) => readFileSync(join(projectRoot, "examples", "car-t", name), "utf8");
  const description = JSON.parse(read("journey.json")) as JourneyDescription;
  const flow = JSON.parse(read("flow.json")) as FlowDefinition;
  const certification = description.steps.filter((step) => "release" in step && step.release === "certification");
  description.steps = [...description.steps.slice(0, STEPS + 1), ...certification];
  flow.steps = flow.steps.slice(0, STEPS);
  flow.legs = flow.legs.slice(0, 1);
  const known = new Set(flow.steps.map((step) => step.step));
  flow.steps = flow.steps.map((step) => ({ ...step, identityCheck: "none" }));
  flow.specifications = [];
  flow.gates = flow.gates.slice(0, 1).map((gate) => ({
    ...gate,
    requiredSteps: gate.requiredSteps.filter((step) => known.has(step)),
    requiredSpecifications: [],
  }));
  description.setup = [];
  // A courier that cannot sign: its integration may capture events of no journey too, which nobody signs.
  description.participants = description.participants.map((participant) => ({ ...participant, key: "hosted" }));
  const files = new Map(description.steps.flatMap((step) => ("capture" in step ? [[step.capture, read(step.capture)]] : [])));
  const draft = { description, flow, files };
  changeEvent(draft, "collection-delivery", { eventTime: "2026-03-02T23:45:00Z" });
  changeEvent(draft, "collection-receipt", { eventTime: "2026-03-02T23:50:00Z" });
  changeEvent(draft, "receipt-inspection", { eventTime: "2026-03-03T00:10:00Z" });
  setReadings(draft, coolReadings());
  return draft;
}

export interface PlannedReading {
  time: string;
  temperature: number;
  tilt: number | null;
}

/** One reading a minute at 4 °C, upright; `change` makes the reading of a minute another, or leaves it out. */
export function coolReadings(change: (minute: number) => Partial<PlannedReading> | null = () => ({}), minutes = 40): PlannedReading[] {
  return Array.from({ length: minutes }, (_, minute) => {
    const changed = change(minute);
    const time = new Date(Date.parse(FIRST_READING) + minute * 60_000).toISOString();
    return changed === null ? [] : [{ time, temperature: 4, tilt: 3, ...changed }];
  }).flat();
}

export function setReadings(draft: JourneyDraft, readings: readonly PlannedReading[], file = READINGS_FILE): void {
  const lines = readings.map(({ time, temperature, tilt }) => `${time},${temperature},${tilt ?? ""}`);
  draft.files.set(file, ["time,temperature_celsius,tilt_degrees", ...lines, ""].join("\n"));
}

export function setProfile(draft: JourneyDraft, change: Partial<FlowDefinition["profiles"][number]>): void {
  draft.flow.profiles = draft.flow.profiles.map((profile, index) => (index === 0 ? { ...profile, ...change } : profile));
}

/** Place of a flow step's capture, or of another kind of step by one of its values, among the steps played. */
export function placeOf(draft: JourneyDraft, name: string): number {
  const place = draft.description.steps.findIndex((step) =>
    "capture" in step ? step.capture.replace(/^.*\/\d+-|\.jsonld$/g, "") === name : Object.values(step).includes(name),
  );
  if (place < 0) throw new RangeError(`no step "${name}" is played`);
  return place;
}

export function stepOf(draft: JourneyDraft, name: string): JourneyStep {
  return present(draft.description.steps[placeOf(draft, name)]);
}

export function changeEvent(draft: JourneyDraft, step: string, change: Partial<Event>): void {
  const file = fileOf(draft, step);
  const document = JSON.parse(present(draft.files.get(file)));
  Object.assign(document.epcisBody.eventList[0], change);
  draft.files.set(file, JSON.stringify(document));
}

/** Another capture after `step`: a copy of that step's document with a new eventID and with `change`. */
export function captureAfter(draft: JourneyDraft, step: string, name: string, change: Partial<Event>): void {
  const place = placeOf(draft, step);
  const file = `events/00-${name}.jsonld`;
  draft.files.set(file, present(draft.files.get(fileOf(draft, step))));
  draft.description.steps.splice(place + 1, 0, { ...present(draft.description.steps[place]), capture: file } as JourneyStep);
  const eventID = `urn:uuid:00000000-0000-4000-8000-${String(900 + draft.files.size).padStart(12, "0")}`;
  changeEvent(draft, name, { eventID, ...change });
}

export function removeStep(draft: JourneyDraft, name: string): void {
  draft.description.steps.splice(placeOf(draft, name), 1);
}

/** Plays `name` right after `after`; its event keeps its time. */
export function playAfter(draft: JourneyDraft, name: string, after: string): void {
  const [step] = draft.description.steps.splice(placeOf(draft, name), 1);
  draft.description.steps.splice(placeOf(draft, after) + 1, 0, present(step));
}

/** Writes the folder, plays it with `demo FOLDER --json`, and removes it. Throws when the run itself failed. */
export async function play(draft: JourneyDraft): Promise<JourneyResult> {
  const folder = mkdtempSync(join(tmpdir(), "threadline-journey-"));
  try {
    const files = new Map(draft.files).set("journey.json", JSON.stringify(draft.description)).set(draft.description.flow, JSON.stringify(draft.flow));
    for (const [name, text] of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const { exitCode, stdout, stderr } = await threadline(["demo", folder, "--json"]);
    if (exitCode !== 0) throw new Error(`demo ended with exit code ${exitCode}:\n${stderr}`);
    return JSON.parse(stdout) as JourneyResult;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fileOf(draft: JourneyDraft, step: string): string {
  const found = stepOf(draft, step);
  if (!("capture" in found)) throw new RangeError(`"${step}" is no capture`);
  return found.capture;
}
