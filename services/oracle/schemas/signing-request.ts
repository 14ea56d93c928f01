import { z } from "zod";
import { DISPOSITION_DECISIONS, EXCEPTIONAL_RELEASE_STEPS } from "../../model/custody/index.ts";
import { accessScopesSchema, glnSchema, hash32Schema, nameSchema } from "./common.ts";
import { stageSchema } from "./exceptions.ts";

const reason = z.string().trim().min(10).max(4000);
const number = z.int().min(0).max(0xffff_ffff);

/** What the caller is about to do, in the words of the operation that does it. */
export const requestSchema = z.discriminatedUnion("act", [
  z.strictObject({ act: z.literal("release"), gate: nameSchema }),
  z.strictObject({ act: z.literal("exception-transition"), number, to: stageSchema, reason, reasonSalt: hash32Schema }),
  z.strictObject({ act: z.literal("disposition"), decision: z.enum(DISPOSITION_DECISIONS).exclude(["none"]), reason, reasonSalt: hash32Schema }),
  z.strictObject({ act: z.literal("exceptional-release-step"), step: z.enum(EXCEPTIONAL_RELEASE_STEPS), reason, reasonSalt: hash32Schema }),
  z.strictObject({ act: z.literal("recall-acknowledgement"), recalls: z.int().min(1).max(0xffff_ffff) }),
  z.strictObject({ act: z.literal("interval-acceptance"), leg: nameSchema, exceptionNumber: number }),
  z.strictObject({ act: z.literal("equipment-acceptance"), leg: nameSchema, exceptionNumber: number }),
  z.strictObject({ act: z.literal("identity-check"), linkedCommitment: z.string().regex(/^[0-9]{1,78}$/, "a decimal number") }),
  z.strictObject({ act: z.literal("access-grant"), grantId: hash32Schema, recipient: glnSchema, scopes: accessScopesSchema }),
  z.strictObject({ act: z.literal("access-revocation"), grantId: hash32Schema }),
  z.strictObject({ act: z.literal("custody-event"), document: z.looseObject({ type: z.string() }), salts: z.array(hash32Schema).min(1) }),
]);

export type SigningRequest = z.output<typeof requestSchema>;
