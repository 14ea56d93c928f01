import { ThreadlineError } from "../errors.ts";
import { EVENT_TYPES } from "./event-schema.ts";
import { isDateTime } from "./primitives.ts";
import type { EpcisQuery } from "./query.ts";
import { LIST_PARAMETERS, TIME_PARAMETERS } from "./query.ts";

export const DEFAULT_PER_PAGE = 30;
export const MAXIMUM_PER_PAGE = 1000;

const LIST_LIMIT = 100;

/** Lists whose members are fixed words. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  eventType: EVENT_TYPES,
  EQ_action: ["ADD", "OBSERVE", "DELETE"],
};

function refuse(name: string, value: string, problem: string): ThreadlineError {
  return new ThreadlineError("epcisException:QueryParameterException", `Query parameter ${name}=${value}: ${problem}.`, {
    parameter: name,
    value,
  });
}

/** EPCIS 2.0 delimits the members of a list by `|`. */
function list(name: string, value: string): string[] {
  const members = value.split("|");
  if (members.some((member) => member === "")) throw refuse(name, value, "has an empty member");
  if (members.length > LIST_LIMIT) throw refuse(name, value.slice(0, 80), `has more than ${LIST_LIMIT} members`);
  const words = WORDS[name];
  const unknown = words === undefined ? undefined : members.find((member) => !words.includes(member));
  if (unknown !== undefined) throw refuse(name, unknown, `use ${words?.join(", ")}`);
  return members;
}

function word<Word extends string>(name: string, value: string, words: readonly Word[]): Word {
  const known = words.find((candidate) => candidate === value);
  if (known === undefined) throw refuse(name, value, `use ${words.join(" or ")}`);
  return known;
}

function setParameter(query: EpcisQuery, name: string, value: string): void {
  const listName = LIST_PARAMETERS.find((known) => known === name);
  const timeName = TIME_PARAMETERS.find((known) => known === name);
  if (listName !== undefined) {
    query[listName] = list(name, value);
  } else if (timeName !== undefined) {
    if (!isDateTime(value)) throw refuse(name, value, "is not an RFC 3339 time; a + must be sent as %2B");
    query[timeName] = value;
  } else if (name === "EXISTS_errorDeclaration") {
    query.EXISTS_errorDeclaration = word(name, value, ["true", "false"]) === "true";
  } else if (name === "orderBy") {
    query.orderBy = word(name, value, ["eventTime", "recordTime"]);
  } else if (name === "orderDirection") {
    query.orderDirection = word(name, value, ["ASC", "DESC"]);
  } else if (name === "perPage") {
    if (!/^[1-9]\d{0,3}$/.test(value) || Number(value) > MAXIMUM_PER_PAGE) {
      throw refuse(name, value, `use 1 to ${MAXIMUM_PER_PAGE}`);
    }
    query.perPage = Number(value);
  } else if (name === "nextPageToken") {
    if (value === "" || value.length > 256) throw refuse(name, value.slice(0, 80), "use the token of the page before");
    query.nextPageToken = value;
  } else {
    throw refuse(name, value, "is not supported");
  }
}

/**
 * Reads EPCIS 2.0 query parameters (REST binding). Unknown, repeated or malformed parameters throw `ThreadlineError`
 * with code `epcisException:QueryParameterException`. Defaults: newest event first, 30 a page.
 */
export function parseQuery(parameters: Iterable<[string, string]>): EpcisQuery {
  const query: EpcisQuery = { orderBy: "eventTime", orderDirection: "DESC", perPage: DEFAULT_PER_PAGE };
  const seen = new Set<string>();
  for (const [name, value] of parameters) {
    if (seen.has(name)) throw refuse(name, value, "is given twice");
    seen.add(name);
    setParameter(query, name, value);
  }
  return query;
}
