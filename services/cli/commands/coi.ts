import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { generateCoiIdentifier } from "../../model/identity/index.ts";
import { apiClient } from "../endpoints.ts";
import { printJson } from "../print.ts";

const STANDARD_INPUT = 0;

const personalDataSchema = z.strictObject({
  givenNames: z.array(z.string()).default([]),
  familyNames: z.array(z.string()).default([]),
  birthDate: z.iso.date().optional(),
  recordNumbers: z.array(z.string()).default([]),
});

export interface IssueOptions {
  facility: string;
  year?: string;
  sequence?: string;
  /** JSON file of personal data the identifier must not hold, `-` for standard input. */
  screen?: string;
}

/**
 * Issues a Chain of Identity identifier. Personal data to screen against is read and compared on this machine; what
 * goes to the API is the sequence alone.
 */
export async function issueCoi(options: IssueOptions): Promise<void> {
  const year = options.year === undefined ? new Date().getUTCFullYear() : Number(options.year);
  const api = apiClient();
  const sequence = options.screen === undefined ? options.sequence : screened(options, year, options.screen);
  const body = { facility: options.facility, year, ...(sequence === undefined ? {} : { sequence }) };
  printJson(await api.must(api.post("/chain-of-identity-identifiers", body)));
}

function screened({ facility, sequence }: IssueOptions, year: number, file: string): string {
  const { birthDate, ...lists } = personalDataSchema.parse(JSON.parse(readFileSync(file === "-" ? STANDARD_INPUT : file, "utf8")));
  const source = sequence === undefined ? ({ kind: "random", randomBytes } as const) : ({ kind: "sequence", sequence } as const);
  const screenedAgainst = { ...lists, ...(birthDate === undefined ? {} : { birthDate }) };
  return generateCoiIdentifier({ facility, year, source, screenedAgainst }).sequence;
}
