import { checkDigitFault } from "./check-digit.ts";

/**
 * The named checks of the GS1 Syntax Dictionary on a component of an AI's value. Each answers null when the value
 * passes, or what is wrong with it.
 */
export type ValueCheck = (value: string) => { code: string; problem: string } | null;

const malformed = (problem: string) => ({ code: "value-malformed", problem });

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function date(value: string, yearDigits: 2 | 4, dayMayBeZero: boolean): ReturnType<ValueCheck> {
  if (!/^\d+$/.test(value) || value.length !== yearDigits + 4) return malformed("is not a date");
  // Two-digit years are judged in this century, so that 29 February is accepted in the years divisible by four.
  const year = Number(value.slice(0, yearDigits)) + (yearDigits === 2 ? 2000 : 0);
  const month = Number(value.slice(yearDigits, yearDigits + 2));
  const day = Number(value.slice(-2));
  if (month < 1 || month > 12) return malformed(`has month ${value.slice(yearDigits, yearDigits + 2)}`);
  if (day > daysInMonth(year, month) || (day === 0 && !dayMayBeZero)) return malformed(`has day ${value.slice(-2)}`);
  return null;
}

function upTo(limit: number, unit: string): ValueCheck {
  return (value) =>
    /^\d{2}$/.test(value) && Number(value) <= limit ? null : malformed(`has ${unit} "${value}", 00 to ${limit} is valid`);
}

const hour = upTo(23, "hour");
const minute = upTo(59, "minute");

function pieceOfTotal(value: string): ReturnType<ValueCheck> {
  if (!/^(\d\d)+$/.test(value)) return malformed("is not a piece and a total of equal length");
  const piece = Number(value.slice(0, value.length / 2));
  const total = Number(value.slice(value.length / 2));
  return piece === 0 || total === 0 || piece > total ? malformed(`says piece ${piece} of ${total}`) : null;
}

function positionInSequence(value: string): ReturnType<ValueCheck> {
  const match = /^([1-9]\d*)\/([1-9]\d*)$/.exec(value);
  return match !== null && Number(match[1]) <= Number(match[2]) ? null : malformed("is not a position in a sequence");
}

function mediaType(value: string): ReturnType<ValueCheck> {
  return /^(0[1-9]|10|[89]\d)$/.test(value) ? null : malformed("is not an AIDC media type (01 to 10, 80 to 99)");
}

export const VALUE_CHECKS: Readonly<Record<string, ValueCheck>> = {
  csum: (value) => {
    if (!/^\d{2,}$/.test(value)) return malformed("must be digits");
    const fault = checkDigitFault(value);
    return fault === null
      ? null
      : { code: "check-digit-wrong", problem: `ends with check digit ${fault.observed}, expected ${fault.expected}` };
  },
  yymmd0: (value) => date(value, 2, true),
  yymmdd: (value) => date(value, 2, false),
  yyyymmdd: (value) => date(value, 4, false),
  hh: hour,
  mi: minute,
  ss: upTo(59, "second"),
  hhmi: (value) => (value.length === 4 ? hour(value.slice(0, 2)) ?? minute(value.slice(2)) : malformed("is not HHMM")),
  zero: (value) => (/^0+$/.test(value) ? null : malformed("must be 0")),
  nozeroprefix: (value) => (/^([1-9]\d*)?$/.test(value) ? null : malformed("may not begin with 0")),
  hyphen: (value) => (/^-+$/.test(value) ? null : malformed('must be "-"')),
  iso5218: (value) => (/^[0129]$/.test(value) ? null : malformed("is not an ISO/IEC 5218 code (0, 1, 2, 9)")),
  pcenc: (value) => (/^([^%]|%[0-9A-Fa-f]{2})*$/.test(value) ? null : malformed("holds a broken percent sequence")),
  mediatype: mediaType,
  pieceoftotal: pieceOfTotal,
  posinseqslash: positionInSequence,
};
