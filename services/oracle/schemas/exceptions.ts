import { z } from "zod";
import { EXCEPTION_CLASSES, ROLES } from "../../model/custody/index.ts";
import { EXCEPTION_STAGES } from "../../model/custody/exception-lifecycle.ts";
import { momentText } from "./common.ts";

export const stageSchema = z.enum(EXCEPTION_STAGES);

export const transitionViewSchema = z.strictObject({
  from: stageSchema,
  to: stageSchema,
  by: z.strictObject({ gln: z.string().nullable(), name: z.string().nullable() }),
  signer: z.string(),
  /** The key that signed is held by a node. */
  hosted: z.boolean(),
  reason: z.string().nullable(),
  reasonSalt: z.string().nullable(),
  reasonHash: z.string(),
  signedAt: momentText,
  recordedAt: momentText,
});

export const exceptionViewSchema = z.strictObject({
  number: z.int().nullable(),
  status: z.enum(["pending", "open", "resolved", "accepted"]),
  stage: stageSchema,
  next: z.array(stageSchema),
  code: z.string(),
  title: z.string(),
  class: z.enum(EXCEPTION_CLASSES),
  owners: z.array(z.enum(ROLES)),
  recalls: z.boolean(),
  leg: z.string().nullable(),
  at: momentText,
  raisedAt: momentText.nullable(),
  dueAt: momentText.nullable(),
  overdue: z.boolean(),
  observed: z.unknown(),
  limit: z.unknown(),
  unit: z.string(),
  message: z.string(),
  history: z.array(transitionViewSchema),
});

export const workItemSchema = z.strictObject({
  journeyId: z.string(),
  number: z.int(),
  stage: stageSchema,
  code: z.string(),
  title: z.string(),
  class: z.enum(EXCEPTION_CLASSES),
  owners: z.array(z.enum(ROLES)),
  at: momentText,
  raisedAt: momentText,
  dueAt: momentText,
  overdue: z.boolean(),
});
