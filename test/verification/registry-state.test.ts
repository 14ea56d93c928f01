import { describe, expect, it } from "vitest";
import type { DeviceEvent, ParticipantEvent } from "../../services/verification/ledger-events.ts";
import { createRegistryState, unfitReason } from "../../services/verification/registry-state.ts";

const at = { blockNumber: 1, logIndex: 0, transactionHash: "0x01" };
const participantId = "0xaa";
const registered: ParticipantEvent = { ...at, name: "ParticipantRegistered", participantId, index: 1, roles: 2 };
const added = (account: string): ParticipantEvent => ({ ...at, name: "SigningAccountAdded", participantId, account, hosted: true });
const deviceId = "0xdd";
const enrolled: DeviceEvent = {
  ...at,
  name: "DeviceEnrolled",
  deviceId,
  owner: participantId,
  keyCommitment: 1n,
  publicKeyX: 2n,
  publicKeyY: 3n,
  messageKeyHash: "0x00",
  attestation: "gateway",
};

describe("who may write", () => {
  it("follows accounts, duties and suspension, and a copy stays as it was", () => {
    const registry = createRegistryState();
    [registered, added("0x01"), added("0x02")].forEach((event) => registry.apply(event));
    expect(registry.activeSigner("0x01")).toMatchObject({ index: 1, roles: 2 });
    const before = registry.activeSigners();
    registry.apply({ ...at, name: "SigningAccountRemoved", participantId, account: "0x01" });
    registry.apply({ ...at, name: "ParticipantRolesChanged", participantId, roles: 16 });
    expect(registry.activeSigner("0x01")).toBeNull();
    expect(registry.activeSigner("0x02")?.roles).toBe(16);
    registry.apply({ ...at, name: "ParticipantSuspensionChanged", participantId, suspended: true });
    expect(registry.activeSigner("0x02")).toBeNull();
    expect(registry.activeSigner("0x03")).toBeNull();
    expect(before("0x01")?.roles).toBe(2);
    registry.apply({ ...at, name: "ParticipantSuspensionChanged", participantId, suspended: false });
    expect(registry.activeSigner("0x02")?.index).toBe(1);
  });
});

describe("who may measure", () => {
  it("needs enrolment, one calibration over the whole interval and no revocation before its end", () => {
    const registry = createRegistryState();
    const reason = (from: number, to: number) => unfitReason(registry.device(deviceId), from, to);
    expect(reason(10, 20)).toContain("not enrolled");
    registry.apply(enrolled);
    expect(reason(10, 20)).toContain("no calibration");
    registry.apply({ ...at, name: "DeviceCalibrated", deviceId, calibratedFrom: 10, calibratedUntil: 15 });
    registry.apply({ ...at, name: "DeviceCalibrated", deviceId, calibratedFrom: 15, calibratedUntil: 30 });
    expect(reason(10, 15)).toBeNull();
    expect(reason(10, 16)).toContain("no calibration");
    expect(reason(9, 12)).toContain("no calibration");
    expect(reason(15, 30)).toBeNull();
    registry.apply({ ...at, name: "DeviceRevoked", deviceId, revokedFrom: 20 });
    expect(reason(15, 19)).toBeNull();
    expect(reason(15, 20)).toContain("revoked from 1970-01-01T00:00:20Z");
  });
});
