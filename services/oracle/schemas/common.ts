import { getAddress, isAddress } from "ethers";
import { z } from "zod";
import { parseGiai, parseGln } from "../../model/identity/index.ts";
import type { ParseResult } from "../../model/identity/index.ts";

/** A text that a parser of identifiers takes; what the parser objects to is the message. */
export function identifier<Value>(parser: (text: string) => ParseResult<Value>, description: string) {
  return z
    .string()
    .max(200)
    .superRefine((text, context) => {
      const result = parser(text);
      if (!result.ok) context.addIssue({ code: "custom", message: result.message });
    })
    .meta({ description });
}

export const glnSchema = identifier(parseGln, "Global Location Number, 13 digits with check digit");
export const giaiSchema = identifier(parseGiai, "Global Individual Asset Identifier (GS1 AI 8004)");

export const hash32Schema = z.string().regex(/^0x[0-9a-f]{64}$/, "32 bytes, lower-case hexadecimal with 0x");

/** A signing account, given in any case, answered with the checksum of EIP-55. */
export const accountSchema = z
  .string()
  .refine((text) => isAddress(text), "an account address")
  .transform((text) => getAddress(text));

export const signatureSchema = z.string().regex(/^0x[0-9a-fA-F]{130}$/, "65 bytes, hexadecimal with 0x");

export const nameSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "lower-case letters, digits and hyphens");

/** A version number in a path. */
export const versionText = z
  .string()
  .regex(/^[1-9]\d{0,4}$/, "a version number")
  .transform(Number);

/** A moment with its offset, RFC 3339; answered as Unix seconds. */
export const momentSchema = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) >= 0, "a time since 1970")
  .transform((text) => Math.floor(Date.parse(text) / 1000));

export const journeyPath = z.strictObject({ journeyId: hash32Schema });

/** Unix seconds as RFC 3339 in UTC. */
export function rfc3339(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

export function rfc3339FromMilliseconds(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

export const momentText = z.iso.datetime({ offset: true });

/** What a grant opens. */
export const accessScopesSchema = z
  .array(z.enum(["content", "identity", "milestones"]))
  .min(1)
  .max(3)
  .meta({ description: "content and identity wrap keys, for whose duty sees them; milestones opens GET milestones" });
