import { readFileSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { z } from "zod";
import { flowSchema } from "../../model/custody/flow.ts";
import type { FlowDefinition } from "../../model/custody/flow.ts";
import { roleSchema } from "../../model/custody/roles.ts";
import { ThreadlineError } from "../../model/errors.ts";
import { parseReadingsCsv } from "../../model/readings-csv.ts";
import { folderLaneSchema, folderShipperSchema, shipperStepSchema } from "./equipment.ts";

const identifier = z.string().min(1).max(60);
const dateTime = z.iso.datetime({ offset: true });

const stepSchema = z.union([
  z.strictObject({ capture: z.string(), by: identifier }),
  z.strictObject({ leg: z.string(), device: z.string(), readings: z.string() }),
  z.strictObject({ scan: z.string(), by: identifier, at: z.string() }),
  z.strictObject({ release: z.string(), by: identifier }),
  shipperStepSchema,
]);

/** `journey.json`: a journey to be played through the public interfaces. The README documents the format. */
const journeySchema = z.strictObject({
  name: z.string().min(1),
  participants: z
    .array(z.strictObject({ id: identifier, gln: z.string(), name: z.string(), roles: z.array(roleSchema).min(1) }))
    .min(1),
  devices: z
    .array(z.strictObject({ giai: z.string(), owner: identifier, calibratedFrom: dateTime, calibratedUntil: dateTime }))
    .default([]),
  shippers: z.array(folderShipperSchema).default([]),
  lanes: z.array(folderLaneSchema).default([]),
  flow: z.string(),
  coi: z.string(),
  steps: z.array(stepSchema).min(1),
});

export type JourneyStep = z.output<typeof stepSchema>;
export type JourneyDescription = z.output<typeof journeySchema>;
export type JourneyReadings = ReturnType<typeof parseReadingsCsv>;

export interface JourneyFolder {
  description: JourneyDescription;
  flow: FlowDefinition;
  /** EPCIS documents by file name, as text. */
  documents: Map<string, string>;
  /** Readings by file name. */
  readings: Map<string, JourneyReadings>;
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
  for (const step of description.steps) {
    if ("capture" in step) documents.set(step.capture, read(step.capture));
    if ("readings" in step) readings.set(step.readings, parseReadingsCsv(read(step.readings)));
  }
  checkReferences(description, flow);
  return { description, flow, documents, readings };
}

/** GLN of a participant; the first one's when none is named. */
export function glnOf(folder: JourneyFolder, id: string | undefined): string {
  const participant = folder.description.participants.find((candidate) => candidate.id === id) ?? folder.description.participants[0];
  return participant?.gln ?? "";
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
  const parties = new Set(description.participants.map((participant) => participant.id));
  const party = (id: string, where: string) => {
    if (!parties.has(id)) throw invalid("journey.json", `${where} names the participant "${id}", who is not in participants`);
  };
  description.devices.forEach((device) => party(device.owner, `device ${device.giai}`));
  description.shippers.forEach((shipper) => party(shipper.owner, `shipper ${shipper.grai}`));
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
