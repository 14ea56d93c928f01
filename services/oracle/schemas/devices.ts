import { z } from "zod";
import { messageKeySchema } from "./message-key.ts";
import { giaiSchema, glnSchema, momentSchema, momentText } from "./common.ts";

const fieldElement = z.string().regex(/^(0|[1-9]\d{0,76})$/, "a decimal number");

const interval = { calibratedFrom: momentSchema, calibratedUntil: momentSchema };

const endsAfterStart = (value: { calibratedFrom: number; calibratedUntil: number }) =>
  value.calibratedFrom < value.calibratedUntil;
const endsAfterStartMessage = { path: ["calibratedUntil"], message: "a calibration ends after it starts" };

/** A data logger as it is enrolled. */
export const enrolmentSchema = z
  .strictObject({
    giai: giaiSchema,
    owner: glnSchema,
    /** BabyJubJub point x, y: the key that signs segments. */
    publicKey: z.tuple([fieldElement, fieldElement]),
    messageKey: messageKeySchema,
    keyEpoch: z.int().min(1).max(0x7fff_ffff).default(1),
    attestation: z.enum(["device", "gateway"]).default("device"),
    ...interval,
  })
  .refine(endsAfterStart, endsAfterStartMessage);

export const giaiPath = z.strictObject({ giai: giaiSchema });
export const acceptedSchema = z.strictObject({ giai: z.string(), deviceId: z.string() });

/** A new calibration interval. */
export const calibrationSchema = z.strictObject(interval).refine(endsAfterStart, endsAfterStartMessage);

/** A data logger as it is listed. */
export const deviceShown = z.strictObject({
  giai: z.string(),
  deviceId: z.string(),
  ownerGln: z.string().nullable(),
  keyEpoch: z.int(),
  attestation: z.enum(["device", "gateway"]),
  calibratedFrom: momentText,
  calibratedUntil: momentText,
  revokedFrom: momentText.nullable(),
});
