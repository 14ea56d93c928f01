import { existsSync, readFileSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { z } from "zod";
import { resultsFileSchema } from "../../device/laboratory-results.ts";
import type { ResultsFile } from "../../device/laboratory-results.ts";
import { flowSchema } from "../../model/custody/flow.ts";
import type { FlowDefinition } from "../../model/custody/flow.ts";
import { roleSchema } from "../../model/custody/roles.ts";
import { ThreadlineError } from "../../model/errors.ts";
import { parseReadingsCsv } from "../../model/readings-csv.ts";
import { stepSchema } from "./acts/index.ts";
import { expectedSchema } from "./expected.ts";
import type { ExpectedOutcome } from "./expected.ts";

const identifier = z.string().min(1).max(60);
const dateTime = z.iso.datetime({ offset: true });

const keyHolder = z.enum(["hosted", "own"]).default("hosted");

/** `journey.json`: a journey to be played through the public interfaces. The README documents the format. */
const journeySchema = z.strictObject({
  name: z.string().min(1),
  participants: z
    .array(
      z.strictObject({
        id: identifier,
        gln: z.string(),
        name: z.string(),
        roles: z.array(roleSchema).min(1),
        /** Who keeps the key of its integration: the node, or the organisation itself. */
        key: keyHolder,
        /** Those who sign for it themselves, each with a key that the node keeps or that is the person's own. */
        persons: z.array(z.strictObject({ id: identifier, name: z.string(), key: keyHolder })).default([]),
      }),
    )
    .min(1),
  devices: z
    .array(z.strictObject({ giai: z.string(), owner: identifier, calibratedFrom: dateTime, calibratedUntil: dateTime }))
    .default([]),
  /** Requests made before the journey is opened: recipes, specifications, equipment. */
  setup: z
    .array(z.strictObject({ request: z.string().startsWith("/"), by: identifier, body: z.record(z.string(), z.unknown()) }))
    .default([]),
  flow: z.string(),
  coi: z.string(),
  /** Whose cells they are, by the record number of the hospital that opens the journey; made up, like all in a folder. */
  patient: z.strictObject({ by: identifier, system: z.string(), value: z.string() }).optional(),
  steps: z.array(stepSchema).min(1),
});

export type { JourneyStep } from "./acts/index.ts";
export type JourneyDescription = z.output<typeof journeySchema>;
export type JourneyReadings = ReturnType<typeof parseReadingsCsv>;

export interface JourneyFolder {
  description: JourneyDescription;
  flow: FlowDefinition;
  /** EPCIS documents by file name, as text. */
  documents: Map<string, string>;
  /** Readings by file name. */
  readings: Map<string, JourneyReadings>;
  /** Laboratory results by file name. */
  results: Map<string, ResultsFile>;
  /** What the folder says it comes to; null when it does not. */
  expected: ExpectedOutcome | null;
}

/**
 * Reads a journey folder whole before anything is played. Errors name the file and what is wrong in it
 * (`journey-folder-invalid`).
 */
export function readJourneyFolder(directory: string): JourneyFolder {
  const read = (file: string): string => {
    const path = resolve(directory, file);
    if (path !== resolve(directory) && !path.startsWith(resolve(directory) + sep)) {
      throw invalid(file, "lies outside the journey folder");
    }
    try {
      return readFileSync(path, "utf8");
    } catch {
      throw invalid(file, `cannot be read in ${directory}`);
    }
  };
  const description = parseJson(journeySchema, "journey.json", read("journey.json"));
  const flow = parseJson(flowSchema, description.flow, read(description.flow));
  const documents = new Map<string, string>();
  const readings = new Map<string, JourneyReadings>();
  const results = new Map<string, ResultsFile>();
  for (const step of description.steps) {
    if ("capture" in step) documents.set(step.capture, read(step.capture));
    if ("results" in step) results.set(step.results, parseJson(resultsFileSchema, step.results, read(step.results)));
    if ("readings" in step) readings.set(step.readings, parseReadingsCsv(read(step.readings)));
  }
  checkReferences(description, flow);
  const expected = existsSync(join(directory, "expected.json"))
    ? parseJson(expectedSchema, "expected.json", read("expected.json"))
    : null;
  return { description, flow, documents, readings, results, expected };
}

function parseJson<Schema extends z.ZodType>(schema: Schema, file: string, text: string): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(file, `is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalid(file, z.prettifyError(parsed.error));
  return parsed.data;
}

/** A step may name a device nobody enrolled (that is an exception to be shown), but not an unknown party, leg or gate. */
function checkReferences(description: JourneyDescription, flow: FlowDefinition): void {
  const parties = new Set(description.participants.flatMap(({ id, persons }) => [id, ...persons.map((person) => person.id)]));
  parties.add("operator");
  const party = (id: string, where: string) => {
    if (!parties.has(id)) throw invalid("journey.json", `${where} names the participant "${id}", who is not in participants`);
  };
  description.devices.forEach((device) => party(device.owner, `device ${device.giai}`));
  description.steps.forEach((step, index) => {
    const where = `steps[${index}]`;
    if ("by" in step) party(step.by, where);
    if ("leg" in step && !flow.legs.some((leg) => leg.leg === step.leg))
      throw invalid("journey.json", `${where} names the leg "${step.leg}", which the flow does not have`);
    if ("release" in step && !flow.gates.some((gate) => gate.gate === step.release))
      throw invalid("journey.json", `${where} names the gate "${step.release}", which the flow does not have`);
  });
}

function invalid(file: string, problem: string): ThreadlineError {
  return new ThreadlineError("journey-folder-invalid", `${join(file)}: ${problem}`, { file });
}
