import { parse } from "csv-parse/sync";
import { ThreadlineError } from "./errors.ts";

/** One reading of a data logger. `tiltDegrees` is from vertical, null when the logger has no tilt sensor. */
export interface Reading {
  /** Unix time in seconds. */
  timeSeconds: number;
  temperatureCelsius: number;
  tiltDegrees: number | null;
}

export interface CsvProblem {
  /** Line of the file, the header being line 1. */
  line: number;
  column: string;
  value: string;
  problem: string;
}

const HEADER = ["time", "temperature_celsius", "tilt_degrees"];
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;
const DECIMAL = /^[+-]?\d+(?:\.\d+)?$/;
const ABSOLUTE_ZERO_CELSIUS = -273.15;
const PROBLEMS_SHOWN = 5;

interface Row {
  record: string[];
  info: { lines: number };
}

function records(text: string): Row[] {
  try {
    return parse(text, { bom: true, info: true, relax_column_count: true, skip_empty_lines: true, trim: true }) as unknown as Row[];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ThreadlineError("readings-malformed", `The readings are not a CSV table: ${reason}.`, { reason }, { cause: error });
  }
}

function isTime(text: string): boolean {
  const day = Number(text.slice(8, 10));
  return RFC_3339.test(text) && !Number.isNaN(Date.parse(text)) && new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === day;
}

function problemsOf(record: string[], columns: number, line: number): CsvProblem[] {
  const [time = "", temperature = "", tilt = ""] = record;
  const problems: CsvProblem[] = [];
  const report = (column: string, value: string, problem: string) => problems.push({ line, column, value, problem });
  if (record.length !== columns) report("", record.join(","), `has ${record.length} fields, the header ${columns}`);
  if (!isTime(time)) report("time", time, "is not an RFC 3339 time with an offset");
  if (!DECIMAL.test(temperature)) report("temperature_celsius", temperature, "is not a number");
  else if (Number(temperature) < ABSOLUTE_ZERO_CELSIUS) report("temperature_celsius", temperature, "is below absolute zero");
  if (tilt !== "" && (!DECIMAL.test(tilt) || Number(tilt) < 0 || Number(tilt) > 180)) {
    report("tilt_degrees", tilt, "is not an angle of 0 to 180 degrees");
  }
  return problems;
}

/**
 * Reads `time,temperature_celsius,tilt_degrees`; the tilt may be empty or its column missing. Order is kept as
 * written. Throws `readings-malformed` naming every bad line in `details.problems`.
 */
export function parseReadingsCsv(text: string): Reading[] {
  const [header, ...rows] = records(text);
  const names = header?.record ?? [];
  if (names.length < 2 || names.length > 3 || names.some((name, index) => name !== HEADER[index])) {
    throw new ThreadlineError(
      "readings-malformed",
      `Line 1 must be "${HEADER.join(",")}" (tilt_degrees may be left out), but is "${names.join(",")}".`,
      { observed: names.join(",") },
    );
  }
  const problems = rows.flatMap(({ record, info }) => problemsOf(record, names.length, info.lines));
  if (problems.length > 0) {
    const shown = problems.slice(0, PROBLEMS_SHOWN).map(({ line, column, value, problem }) => {
      return `line ${line}: ${column} "${value}" ${problem}`;
    });
    const more = problems.length > PROBLEMS_SHOWN ? `; and ${problems.length - PROBLEMS_SHOWN} more` : "";
    throw new ThreadlineError("readings-malformed", `Correct the readings: ${shown.join("; ")}${more}.`, { problems });
  }
  return rows.map(({ record: [time = "", temperature = "", tilt = ""] }) => ({
    timeSeconds: Math.floor(Date.parse(time) / 1000),
    temperatureCelsius: Number(temperature),
    tiltDegrees: tilt === "" ? null : Number(tilt),
  }));
}
