import type { ApplicationIdentifier } from "./application-identifiers.ts";
import type { ParseResult } from "./result.ts";
import { parsed, refused } from "./result.ts";
import { VALUE_CHECKS } from "./value-checks.ts";

/** One part of an AI's value: how many characters of which set, and the named checks it must pass. */
export interface ValueComponent {
  characters: RegExp;
  minimum: number;
  maximum: number;
  optional: boolean;
  checks: string[];
}

const CHARACTER_SETS: Readonly<Record<string, RegExp>> = {
  N: /^\d*$/,
  X: /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]*$/,
  Y: /^[#\-/0-9A-Z]*$/,
  Z: /^[\-0-9A-Z_a-z]*={0,2}$/,
};

/** Reads the GS1 Syntax Dictionary's notation, for example `N1,zero N13,csum [X..16]`. */
export function valueComponents(format: string): ValueComponent[] {
  return format.split(" ").map((part) => {
    const match = /^(\[?)([NXYZ])(\.\.)?(\d+)\]?(?:,(.+))?$/.exec(part);
    const characters = CHARACTER_SETS[match?.[2] ?? ""];
    if (match === null || characters === undefined) throw new RangeError(`Unreadable AI format "${part}"`);
    const maximum = Number(match[4]);
    return {
      characters,
      minimum: match[3] === undefined ? maximum : 1,
      maximum,
      optional: match[1] === "[",
      checks: match[5] === undefined ? [] : match[5].split(","),
    };
  });
}

/** The greatest number of characters a value of this AI has. */
export function maximumLength(identifier: ApplicationIdentifier): number {
  return valueComponents(identifier.format).reduce((sum, component) => sum + component.maximum, 0);
}

/** Checks a value against its AI's format; answers the value itself. */
export function checkValueOf(identifier: ApplicationIdentifier, value: string): ParseResult<string> {
  const name = `(${identifier.ai}) ${identifier.title}`;
  const refuse = (code: string, problem: string) =>
    refused(code, `The ${name} value "${value}" ${problem}. Scan the label again.`, value);
  let rest = value;
  for (const component of valueComponents(identifier.format)) {
    if (rest === "" && component.optional) continue;
    const part = rest.slice(0, component.maximum);
    rest = rest.slice(component.maximum);
    if (part.length < component.minimum) return refuse("value-malformed", `is too short for ${identifier.format}`);
    if (!component.characters.test(part)) return refuse("value-malformed", `holds characters outside ${identifier.format}`);
    for (const check of component.checks) {
      const fault = VALUE_CHECKS[check]?.(part) ?? null;
      if (fault !== null) return refuse(fault.code, fault.problem);
    }
  }
  if (rest !== "") return refuse("value-malformed", `is longer than ${identifier.format}`);
  if (["8004", "401", "8010"].includes(identifier.ai) && !/^\d{4}/.test(value)) {
    return refuse("value-malformed", "must begin with a company prefix of 4 digits or more");
  }
  return parsed(value);
}
