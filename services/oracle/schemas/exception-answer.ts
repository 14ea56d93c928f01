import { z } from "zod";
import { classOf } from "../../model/custody/index.ts";
import type { ExceptionCode } from "../../model/custody/index.ts";
import { momentText, rfc3339 } from "./common.ts";

/** An exception as it is answered at once, before the ledger has numbered it. */
export const exceptionAnswerSchema = z.strictObject({
  code: z.string(),
  class: z.string(),
  leg: z.string().nullable(),
  at: momentText,
  observed: z.string(),
  limit: z.string(),
  unit: z.string(),
  message: z.string(),
});

export function exceptionAnswer(
  code: ExceptionCode,
  values: { leg: string | null; occurredAt: number; observed: string; limit: string; unit: string; message: string },
): z.output<typeof exceptionAnswerSchema> {
  const { occurredAt, ...shown } = values;
  return { code, class: classOf(code), at: rfc3339(occurredAt), ...shown };
}
