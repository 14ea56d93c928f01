import { ThreadlineError } from "../model/errors.ts";

/** The oracle wants something signed that is not what the signer asked for: nothing is signed. */
export function notAsAsked(what: string, details: Record<string, unknown> = {}): ThreadlineError {
  return new ThreadlineError("not-what-was-asked", `nothing was signed, what the oracle prepared is not what was asked for: ${what}`, details);
}
