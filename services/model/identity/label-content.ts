import { z } from "zod";
import { encodePathValue } from "./digital-link.ts";
import type { Elements } from "./element-string.ts";
import { checkElements } from "./element-string.ts";
import { CHARACTER_SET_82, parseGtin } from "./gs1-keys.ts";
import { parseCoiIdentifier, parseDonationIdentificationNumber } from "./isbt128.ts";
import { personalTextFault } from "./personal-data.ts";
import { LABEL_STATEMENTS } from "./label-statements.ts";

/** Greatest version of a container's label. */
export const LARGEST_LABEL_VERSION = 9999;

const text82 = (maximum: number) => z.string().min(1).max(maximum).regex(CHARACTER_SET_82, "characters of GS1 set 82 only");
const celsius = z.number().min(-273.15).max(100);

/** Free text of a label: letters the typeface has, digits, usual punctuation, and nothing that looks like personal data. */
const productName = z
  .string()
  .min(1)
  .max(48)
  .regex(/^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}0-9 .,+()/®™-]+$/u, "letters, digits, spaces and .,+()/-®™ only")
  .superRefine((text, context) => {
    const fault = personalTextFault(text);
    if (fault !== null) context.addIssue({ code: "custom", message: `the text ${fault}: a label holds no personal data` });
  });

/** Calendar date, or a moment to the minute on the clock of the place with that clock's offset from UTC. */
const expirySchema = z.union([
  z.strictObject({ date: z.iso.date() }),
  z.strictObject({ moment: z.string().regex(/^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d(Z|[+-]\d{2}:\d{2})$/) }),
]);

/**
 * All that stands on the label of a bag of autologous material: identifiers, expiry, storage and the statements the
 * law asks for (21 CFR 1271.90(c), Regulation (EC) 1394/2007 annex III). Nothing of it is personal data: there is no
 * field for a name, a birth date or a record number, and `statements` are chosen, not typed.
 */
export const labelContentSchema = z.strictObject({
  chainOfIdentity: z.string().refine((coi) => {
    const result = parseCoiIdentifier(coi);
    return result.ok && result.value.coi === coi;
  }, "the 15 characters of a Chain of Identity identifier"),
  container: z.strictObject({
    gtin: z.string().refine((gtin) => gtin.length === 14 && parseGtin(gtin).ok, "a GTIN of 14 digits with check digit"),
    serial: text82(20),
  }),
  productName,
  lot: text82(20).nullable(),
  expiry: expirySchema.nullable(),
  donationIdentificationNumber: z
    .string()
    .refine((din) => {
      const result = parseDonationIdentificationNumber(din);
      return result.ok && result.value.din === din;
    }, "the 13 characters of a donation identification number")
    .nullable(),
  storageTemperature: z.strictObject({ minimumCelsius: celsius, maximumCelsius: celsius }),
  statements: z.array(z.enum(Object.keys(LABEL_STATEMENTS) as (keyof typeof LABEL_STATEMENTS)[])).max(4),
  /** 1 for the first print of a container's label; every reprint is the next. */
  version: z.int().min(1).max(LARGEST_LABEL_VERSION),
});

export type LabelContent = z.output<typeof labelContentSchema>;

const IDENTITY_AND_VERSION = /^(CH[0-9A-Z]{5}\d{2}[0-9A-Z]{6})V([1-9]\d{0,3})$/;

/**
 * What the GS1 DataMatrix holds: SGTIN (01)(21), batch (10), expiry (17) or (7003), and in (90) the Chain of Identity
 * and the label's version, `CHαppppyynnnnnnV2`. Version control has an AI of its own, (7242), but it may stand only
 * beside a GSRN (8017/8018), which a bag has not. (90) is what trading partners agree on; (91) to (99) are for use
 * inside one company, and this label goes through several. So one scan says whose, which bag and which print.
 */
export function labelElements(content: LabelContent): Elements {
  const elements: Elements = {
    "01": content.container.gtin,
    "21": content.container.serial,
    "90": `${content.chainOfIdentity}V${content.version}`,
    ...(content.lot === null ? {} : { "10": content.lot }),
    ...expiryElements(content.expiry),
  };
  const fault = checkElements(elements);
  if (fault !== null) throw new RangeError(fault.message);
  return elements;
}

function expiryElements(expiry: LabelContent["expiry"]): Elements {
  if (expiry === null) return {};
  if ("date" in expiry) return { "17": expiry.date.slice(2).replaceAll("-", "") };
  return { "7003": expiry.moment.slice(2, 16).replaceAll(/[-T:]/g, "") };
}

/** The Chain of Identity and label version in (90), or null when the label was not made by `labelElements`. */
export function identityAndVersionOf(elements: Elements): { chainOfIdentity: string; version: number } | null {
  const [, chainOfIdentity, version] = IDENTITY_AND_VERSION.exec(elements["90"] ?? "") ?? [];
  return chainOfIdentity === undefined ? null : { chainOfIdentity, version: Number(version) };
}

/** The container as a canonical Digital Link. */
export function containerEpc({ gtin, serial }: LabelContent["container"]): string {
  return `https://id.gs1.org/01/${gtin}/21/${encodePathValue(serial)}`;
}
