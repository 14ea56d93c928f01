import type { Kysely } from "kysely";
import { algorithmOf, createMessageVerifier, publicMessageKeySchema } from "../device/index.ts";
import type { Logger } from "../device/index.ts";
import type { Database } from "../store/schema.ts";
import type { EnrolledDevice } from "./message-verification.ts";

export interface DeviceDirectory {
  /** Reads these devices anew, so that an enrolment, a new key or a calibration counts from the next message on. */
  refresh(giais: readonly string[]): Promise<void>;
  find(giai: string): EnrolledDevice | undefined;
}

export function createDeviceDirectory(database: Kysely<Database>, logger: Logger): DeviceDirectory {
  const devices = new Map<string, { enrolled: EnrolledDevice; key: string }>();

  async function refresh(giais: readonly string[]): Promise<void> {
    if (giais.length === 0) return;
    const rows = await database
      .selectFrom("devices")
      .select(["giai", "owner_participant_id", "key_epoch", "message_key", "calibrated_from", "calibrated_until"])
      .where("giai", "in", giais)
      .execute();
    giais.forEach((giai) => rows.some((row) => row.giai === giai) || devices.delete(giai));
    for (const row of rows) {
      const key = JSON.stringify(row.message_key);
      const known = devices.get(row.giai);
      const parsed = publicMessageKeySchema.safeParse(row.message_key);
      if (!parsed.success) {
        logger.error({ giai: row.giai }, "the enrolled message key is no Ed25519 or P-256 public key; its messages are refused");
        devices.delete(row.giai);
        continue;
      }
      const verifier = known?.key === key ? known.enrolled.verifier : createMessageVerifier(parsed.data);
      const enrolled = {
        giai: row.giai,
        ownerParticipantId: row.owner_participant_id,
        keyEpoch: row.key_epoch,
        algorithm: algorithmOf(parsed.data),
        verifier,
        calibratedFrom: row.calibrated_from,
        calibratedUntil: row.calibrated_until,
      };
      devices.set(row.giai, { enrolled, key });
    }
  }

  return { refresh, find: (giai) => devices.get(giai)?.enrolled };
}
