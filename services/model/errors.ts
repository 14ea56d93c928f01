/**
 * The error every Threadline part throws: a stable string `code` for programs, a message for people that says
 * what was wrong with the values and what to do, and the values themselves in `details`.
 */
export class ThreadlineError extends Error {
  readonly code: string;
  readonly details: Record<string, unknown>;

  constructor(code: string, message: string, details: Record<string, unknown> = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = "ThreadlineError";
    this.code = code;
    this.details = details;
  }
}
