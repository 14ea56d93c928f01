import { Interface, hexlify, keccak256, toBeHex, zeroPadValue } from "ethers";
import { describe, expect, it } from "vitest";
import { readArtifact } from "../../scripts/deploy/artifacts.ts";
import type { ContractName } from "../../scripts/deploy/artifacts.ts";
import { createLogDecoder, topicOf } from "../../services/verification/decode-log.ts";
import type { LedgerEventName } from "../../services/verification/ledger-events.ts";

const address = (index: number) => toBeHex(index, 20);
const addresses = {
  participantRegistry: address(1),
  deviceRegistry: address(2),
  flowRegistry: address(3),
  custodyLedger: address(4),
  exceptionRegister: address(5),
  conditionProofs: address(6),
  releaseRegister: address(7),
  accessGrants: address(9),
  conditionSegmentVerifier: address(8),
  specificationRegistry: address(9),
  batchProofs: address(10),
  batchReleaseVerifier: address(11),
  identityChecks: address(9),
  identityLinkVerifier: address(10),
  exceptionCatalogue: address(11),
  dispositionRegister: address(12),
  equipmentRegistry: address(13),
};
const decode = createLogDecoder(addresses);

const HOMES: Record<LedgerEventName, [ContractName, string]> = {
  ParticipantRegistered: ["ParticipantRegistry", addresses.participantRegistry],
  ParticipantRolesChanged: ["ParticipantRegistry", addresses.participantRegistry],
  ParticipantSuspensionChanged: ["ParticipantRegistry", addresses.participantRegistry],
  SigningAccountAdded: ["ParticipantRegistry", addresses.participantRegistry],
  SigningAccountRemoved: ["ParticipantRegistry", addresses.participantRegistry],
  OwnKeysRequired: ["ParticipantRegistry", addresses.participantRegistry],
  OwnKeysNoLongerRequired: ["ParticipantRegistry", addresses.participantRegistry],
  DeviceEnrolled: ["DeviceRegistry", addresses.deviceRegistry],
  DeviceCalibrated: ["DeviceRegistry", addresses.deviceRegistry],
  DeviceRevoked: ["DeviceRegistry", addresses.deviceRegistry],
  FlowRegistered: ["FlowRegistry", addresses.flowRegistry],
  JourneyOpened: ["CustodyLedger", addresses.custodyLedger],
  CustodyEventRecorded: ["CustodyLedger", addresses.custodyLedger],
  ExceptionRaised: ["ExceptionRegister", addresses.exceptionRegister],
  ExceptionAdvanced: ["ExceptionRegister", addresses.exceptionRegister],
  DeviceAssigned: ["ConditionProofs", addresses.conditionProofs],
  IntervalAccepted: ["ConditionProofs", addresses.conditionProofs],
  RecallRaised: ["ExceptionRegister", addresses.exceptionRegister],
  DispositionDecided: ["DispositionRegister", addresses.dispositionRegister],
  ExceptionalReleaseStepTaken: ["DispositionRegister", addresses.dispositionRegister],
  RecallAcknowledged: ["DispositionRegister", addresses.dispositionRegister],
  SegmentProven: ["ConditionProofs", addresses.conditionProofs],
  SpecificationRegistered: ["SpecificationRegistry", addresses.specificationRegistry],
  BatchProven: ["BatchProofs", addresses.batchProofs],
  IdentityChecked: ["IdentityChecks", addresses.identityChecks],
  ShipperRegistered: ["EquipmentRegistry", addresses.equipmentRegistry],
  ShipperQualified: ["EquipmentRegistry", addresses.equipmentRegistry],
  LaneRegistered: ["EquipmentRegistry", addresses.equipmentRegistry],
  LaneQualified: ["EquipmentRegistry", addresses.equipmentRegistry],
  ShipperAssigned: ["EquipmentRegistry", addresses.equipmentRegistry],
  EquipmentAccepted: ["EquipmentRegistry", addresses.equipmentRegistry],
  GateReleased: ["ReleaseRegister", addresses.releaseRegister],
};

/** A value of its own for every place, as large as the type allows. */
function valueOf(type: string, place: number): unknown {
  if (type === "bytes32") return keccak256(toBeHex(place + 1));
  if (type === "address") return hexlify(zeroPadValue(toBeHex(0xabc0 + place), 20));
  if (type === "bool") return true;
  if (type === "bytes") return `0x${"a5".repeat(65)}`;
  if (type === "string") return 'a "document" of 温度';
  if (type === "uint8") return 1;
  return 2n ** BigInt(type.slice(4)) - 1n - BigInt(place);
}

describe("decoding a log by hand", () => {
  it.each(Object.keys(HOMES) as LedgerEventName[])("agrees with the contract's interface: %s", (name) => {
    const [contract, home] = HOMES[name];
    const abi = new Interface(readArtifact(contract).abi);
    const fragment = abi.getEvent(name);
    expect(fragment?.topicHash).toBe(topicOf(name));
    if (fragment === null) return;
    const values = fragment.inputs.map(({ type }, place) => valueOf(type, place));
    const { data, topics } = abi.encodeEventLog(fragment, values);
    const log = { address: home, topics: topics as string[], data, blockNumber: "0x10", logIndex: "0x2", transactionHash: "0x01" };
    const event = decode(log) as unknown as Record<string, unknown>;
    expect(event).toMatchObject({ name, blockNumber: 16, logIndex: 2, transactionHash: "0x01" });
    fragment.inputs.forEach((input, place) => {
      const expected = values[place];
      const actual = event[input.name];
      if (typeof actual === "number" && typeof expected !== "string") expect(BigInt(actual)).toBe(BigInt(expected as bigint));
      else if (input.name === "attestation") expect(actual).toBe("gateway");
      else expect(actual).toEqual(expected);
    });
    expect(decode({ ...log, address: address(99) })).toBeNull();
  });

  it("leaves logs of other kinds alone", () => {
    const log = { address: addresses.custodyLedger, topics: [keccak256("0x01")], data: "0x", blockNumber: "0x1", logIndex: "0x0", transactionHash: "0x01" };
    expect(decode(log)).toBeNull();
  });
});
