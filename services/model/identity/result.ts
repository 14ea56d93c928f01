/** What a parser answers: the parsed value, or what was wrong with the text that was read. */
export type ParseResult<Value> = { ok: true; value: Value } | ParseFailure;

/** `observed` is the text as read, or the part of it that is wrong; `code` is stable and meant for programs. */
export interface ParseFailure {
  ok: false;
  code: string;
  message: string;
  observed: string;
}

export function parsed<Value>(value: Value): ParseResult<Value> {
  return { ok: true, value };
}

export function refused(code: string, message: string, observed: string): ParseFailure {
  return { ok: false, code, message, observed };
}
