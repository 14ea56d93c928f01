import { describe, expect, test } from "vitest";
import { ThreadlineError } from "../../services/model/errors.ts";
import { parseReadingsCsv } from "../../services/model/readings-csv.ts";

const HEADER = "time,temperature_celsius,tilt_degrees\n";

function problemsOf(text: string): { line: number; column: string; value: string }[] {
  try {
    parseReadingsCsv(text);
  } catch (error) {
    if (error instanceof ThreadlineError) return error.details["problems"] as ReturnType<typeof problemsOf>;
    throw error;
  }
  return [];
}

test("readings with, without and partly without tilt", () => {
  const expected = { timeSeconds: Date.UTC(2026, 2, 2, 10) / 1000, temperatureCelsius: 4.5 };
  expect(parseReadingsCsv(`${HEADER}2026-03-02T11:00:00+01:00,4.5,12.5\r\n2026-03-02T10:00:00Z,4.5,\n`)).toEqual([
    { ...expected, tiltDegrees: 12.5 },
    { ...expected, tiltDegrees: null },
  ]);
  expect(parseReadingsCsv("\ufefftime,temperature_celsius\n2026-03-02T10:00:00Z,4.5")).toEqual([{ ...expected, tiltDegrees: null }]);
  expect(parseReadingsCsv(HEADER)).toEqual([]);
});

describe("bad lines are named", () => {
  test.each([
    ["2026-03-02 10:00:00,4.5,", "time", "2026-03-02 10:00:00"],
    ["2026-02-30T10:00:00Z,4.5,", "time", "2026-02-30T10:00:00Z"],
    ["2026-03-02T10:00:00,4.5,", "time", "2026-03-02T10:00:00"],
    ["2026-03-02T10:00:00Z,,", "temperature_celsius", ""],
    ["2026-03-02T10:00:00Z,NaN,", "temperature_celsius", "NaN"],
    ["2026-03-02T10:00:00Z,0x10,", "temperature_celsius", "0x10"],
    ["2026-03-02T10:00:00Z,-273.16,", "temperature_celsius", "-273.16"],
    ["2026-03-02T10:00:00Z,4.5,181", "tilt_degrees", "181"],
    ["2026-03-02T10:00:00Z,4.5,-1", "tilt_degrees", "-1"],
    ["2026-03-02T10:00:00Z,4.5", "", "2026-03-02T10:00:00Z,4.5"],
  ])("%s", (line, column, value) => {
    expect(problemsOf(`${HEADER}2026-03-02T10:00:00Z,4.5,1\n${line}\n`)).toMatchObject([{ line: 3, column, value }]);
  });

  test("all of them at once, the first five in the message", () => {
    const text = HEADER + "x,4,1\n".repeat(7);
    expect(problemsOf(text).map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(() => parseReadingsCsv(text)).toThrow(/line 6: time "x" is not an RFC 3339 time with an offset; and 2 more/);
  });
});

test.each(["", "time;temperature_celsius\n", "time\n", "time,temperature_celsius,tilt_degrees,extra\n", 'time,temperature_celsius\n"open,1'])(
  "a file that begins %j is refused",
  (text) => expect(() => parseReadingsCsv(text)).toThrow(ThreadlineError),
);
