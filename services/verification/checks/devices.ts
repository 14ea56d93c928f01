import { deviceKeyCommitment, isValidDeviceKey } from "../../model/condition/device-key.ts";
import { unfitReason } from "../registry-state.ts";
import { counted } from "./check.ts";
import type { Check } from "./check.ts";

/**
 * Each leg's device is enrolled with a sound key, was assigned before it measured, and is calibrated over every
 * segment and not revoked then, also by what is known only now.
 */
export const devicesCheck: Check = {
  name: "devices",
  async run({ history }) {
    const problems: string[] = [];
    const attestations: string[] = [];
    for (const [legNumber, { assignment, segments }] of history.legs) {
      const name = `leg ${history.flow.legs[legNumber]?.leg ?? legNumber}`;
      if (assignment === null) {
        problems.push(`${name} has segments but no device`);
        continue;
      }
      const device = history.registry.device(assignment.deviceId);
      if (device === null) {
        problems.push(`${name}: device ${assignment.deviceId} is not enrolled`);
        continue;
      }
      attestations.push(`${name} attested by its ${device.attestation}`);
      if (!isValidDeviceKey(device.publicKey)) problems.push(`${name}: the device's key is no point of prime order`);
      if (deviceKeyCommitment(device.publicKey) !== device.keyCommitment)
        problems.push(`${name}: the device's key commitment is not of its key`);
      for (const segment of segments) {
        if (segment.from < assignment.assignedFrom)
          problems.push(`${name} segment ${segment.number} starts before the device was assigned`);
        const reason = unfitReason(device, segment.from, segment.to);
        if (reason !== null) problems.push(`${name} segment ${segment.number}: the device was not fit: ${reason}`);
      }
    }
    const detail = attestations.length === 0 ? "no leg has a device yet" : attestations.join("; ");
    return { problems, detail: `${counted(attestations.length, "device")}: ${detail}` };
  },
};
