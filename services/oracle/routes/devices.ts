import { z } from "zod";
import { deviceIdOf, participantIdOf } from "../../model/custody/index.ts";
import { isValidDeviceKey } from "../../model/condition/index.ts";
import { enqueueOperation } from "../../store/outbox.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { acceptedSchema, calibrationSchema, deviceShown, enrolmentSchema, giaiPath } from "../schemas/devices.ts";
import { messageKeyHash } from "../schemas/message-key.ts";
import { momentSchema, rfc3339 } from "../schemas/common.ts";

/** Data loggers: enrolment, calibration, revocation. */
export function deviceOperations(parts: OracleParts): Operation[] {
  const { database } = parts;

  const enrol = operation({
    operationId: "enrolDevice",
    method: "post",
    path: "/devices",
    tag: "administration",
    summary: "Enrol a data logger with its keys and calibration",
    body: enrolmentSchema,
    responses: {
      201: { description: "Enrolled.", schema: acceptedSchema },
      400: { description: "The key is not a point of the prime-order subgroup, or another value is wrong." },
      409: { description: "The device is enrolled already." },
    },
    async handle({ body }) {
      const [x, y] = body.publicKey;
      if (!isValidDeviceKey([BigInt(x), BigInt(y)]))
        throw problem(400, "invalid-device-key", "publicKey is not a BabyJubJub point of the prime-order subgroup", {
          publicKey: body.publicKey,
        });
      const owner = participantIdOf(body.owner);
      const known = await database
        .selectFrom("participants")
        .select("participant_id")
        .where("participant_id", "=", owner)
        .executeTakeFirst();
      if (known === undefined)
        throw problem(404, "unknown-participant", `no participant has the GLN ${body.owner}; register the owner first`);
      const deviceId = deviceIdOf(body.giai);
      const enrolled = await database.transaction().execute(async (transaction) => {
        const inserted = await transaction
          .insertInto("devices")
          .values({
            giai: body.giai,
            device_id: deviceId,
            owner_participant_id: owner,
            public_key_x: x,
            public_key_y: y,
            message_key: JSON.stringify(body.messageKey),
            key_epoch: body.keyEpoch,
            attestation: body.attestation,
            calibrated_from: body.calibratedFrom,
            calibrated_until: body.calibratedUntil,
          })
          .onConflict((conflict) => conflict.doNothing())
          .returning("giai")
          .executeTakeFirst();
        if (inserted === undefined) return false;
        await enqueueOperation(transaction, {
          idempotencyKey: `enrol-device:${deviceId}`,
          kind: "enrol-device",
          journeyId: null,
          payload: {
            deviceId,
            owner,
            publicKeyX: x,
            publicKeyY: y,
            messageKeyHash: messageKeyHash(body.messageKey),
            attestation: body.attestation === "device" ? 0 : 1,
          },
        });
        await enqueueOperation(transaction, calibration(deviceId, body));
        return true;
      });
      if (!enrolled)
        throw problem(409, "device-exists", `the device ${body.giai} is enrolled already`, { giai: body.giai });
      parts.onOperation();
      return { status: 201, body: { giai: body.giai, deviceId } };
    },
  });

  const calibrate = operation({
    operationId: "recordCalibration",
    method: "post",
    path: "/devices/{giai}/calibrations",
    tag: "administration",
    summary: "Record a new calibration of a data logger",
    parameters: giaiPath,
    body: calibrationSchema,
    responses: { 201: { description: "Recorded.", schema: acceptedSchema }, 404: { description: "No such device." } },
    async handle({ path, body }) {
      const deviceId = await knownDevice(path.giai);
      await database.transaction().execute(async (transaction) => {
        await transaction
          .updateTable("devices")
          .set({ calibrated_from: body.calibratedFrom, calibrated_until: body.calibratedUntil })
          .where("giai", "=", path.giai)
          .execute();
        await enqueueOperation(transaction, calibration(deviceId, body));
      });
      parts.onOperation();
      return { status: 201, body: { giai: path.giai, deviceId } };
    },
  });

  const revoke = operation({
    operationId: "revokeDevice",
    method: "post",
    path: "/devices/{giai}/revocation",
    tag: "administration",
    summary: "Revoke a data logger from a time on",
    parameters: giaiPath,
    body: z.strictObject({ revokedFrom: momentSchema }),
    responses: { 201: { description: "Revoked.", schema: acceptedSchema }, 404: { description: "No such device." } },
    async handle({ path, body }) {
      const deviceId = await knownDevice(path.giai);
      await database.transaction().execute((transaction) =>
        enqueueOperation(transaction, {
          idempotencyKey: `revoke-device:${deviceId}:${body.revokedFrom}`,
          kind: "revoke-device",
          journeyId: null,
          payload: { deviceId, revokedFrom: body.revokedFrom },
        }),
      );
      parts.onOperation();
      return { status: 201, body: { giai: path.giai, deviceId } };
    },
  });

  const list = operation({
    operationId: "listDevices",
    method: "get",
    path: "/devices",
    tag: "administration",
    summary: "Data loggers enrolled here",
    responses: { 200: { description: "All of them.", schema: z.strictObject({ devices: z.array(deviceShown) }) } },
    async handle() {
      const rows = await database
        .selectFrom("devices")
        .leftJoin("participants", "participants.participant_id", "devices.owner_participant_id")
        .leftJoin("chain_devices", "chain_devices.device_id", "devices.device_id")
        .select([
          "giai",
          "devices.device_id as deviceId",
          "gln",
          "key_epoch",
          "devices.attestation",
          "calibrated_from",
          "calibrated_until",
          "revoked_from",
        ])
        .orderBy("giai")
        .execute();
      const devices = rows.map((row) => ({
        giai: row.giai,
        deviceId: row.deviceId,
        ownerGln: row.gln,
        keyEpoch: row.key_epoch,
        attestation: row.attestation,
        calibratedFrom: rfc3339(row.calibrated_from),
        calibratedUntil: rfc3339(row.calibrated_until),
        revokedFrom: row.revoked_from === null ? null : rfc3339(row.revoked_from),
      }));
      return { status: 200, body: { devices } };
    },
  });

  async function knownDevice(giai: string): Promise<string> {
    const row = await database.selectFrom("devices").select("device_id").where("giai", "=", giai).executeTakeFirst();
    if (row === undefined) throw problem(404, "unknown-device", `the device ${giai} is not enrolled`, { giai });
    return row.device_id;
  }

  return [enrol, calibrate, revoke, list];
}

function calibration(deviceId: string, value: { calibratedFrom: number; calibratedUntil: number }) {
  const { calibratedFrom, calibratedUntil } = value;
  return {
    idempotencyKey: `calibrate-device:${deviceId}:${calibratedFrom}:${calibratedUntil}`,
    kind: "calibrate-device" as const,
    journeyId: null,
    payload: { deviceId, calibratedFrom, calibratedUntil },
  };
}
