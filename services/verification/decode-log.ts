import { id } from "ethers";
import { bytes32ToCode } from "../model/custody/identifiers.ts";
import * as words from "./abi-words.ts";
import type { ContractName, LedgerAddresses } from "./addresses.ts";
import type { LedgerEvent, LedgerEventName, LogPosition } from "./ledger-events.ts";

/** A log as `eth_getLogs` answers it. */
export interface RawLog {
  address: string;
  topics: string[];
  data: string;
  blockNumber: string;
  logIndex: string;
  transactionHash: string;
}

/** Everything of an event but its name and position. */
type Fields<Name extends LedgerEventName> =
  Extract<LedgerEvent, { name: Name }> extends infer Event ? Omit<Event, "name" | keyof LogPosition> : never;

interface EventDecoder<Name extends LedgerEventName> {
  contract: ContractName;
  signature: string;
  decode(topic: (index: number) => string, data: string): Fields<Name>;
}

const DECODERS: { [Name in LedgerEventName]: EventDecoder<Name> } = {
  ParticipantRegistered: {
    contract: "participantRegistry",
    signature: "ParticipantRegistered(bytes32,uint32,uint16)",
    decode: (topic, data) => ({
      participantId: topic(1),
      index: words.wordNumber(data, 0),
      roles: words.wordNumber(data, 1),
    }),
  },
  ParticipantRolesChanged: {
    contract: "participantRegistry",
    signature: "ParticipantRolesChanged(bytes32,uint16)",
    decode: (topic, data) => ({ participantId: topic(1), roles: words.wordNumber(data, 0) }),
  },
  ParticipantSuspensionChanged: {
    contract: "participantRegistry",
    signature: "ParticipantSuspensionChanged(bytes32,bool)",
    decode: (topic, data) => ({ participantId: topic(1), suspended: words.wordNumber(data, 0) === 1 }),
  },
  SigningAccountAdded: {
    contract: "participantRegistry",
    signature: "SigningAccountAdded(bytes32,address,bool)",
    decode: (topic, data) => ({
      participantId: topic(1),
      account: words.topicAddress(topic(2)),
      hosted: words.wordNumber(data, 0) === 1,
    }),
  },
  SigningAccountRemoved: {
    contract: "participantRegistry",
    signature: "SigningAccountRemoved(bytes32,address)",
    decode: (topic) => ({ participantId: topic(1), account: words.topicAddress(topic(2)) }),
  },
  OwnKeysRequired: {
    contract: "participantRegistry",
    signature: "OwnKeysRequired(bytes32,address,uint40,bytes)",
    decode: (topic, data) => ({
      participantId: topic(1),
      signer: words.topicAddress(topic(2)),
      signedAt: words.wordNumber(data, 0),
      signature: words.dynamicBytes(data, 1),
    }),
  },
  OwnKeysNoLongerRequired: {
    contract: "participantRegistry",
    signature: "OwnKeysNoLongerRequired(bytes32)",
    decode: (topic) => ({ participantId: topic(1) }),
  },
  DeviceEnrolled: {
    contract: "deviceRegistry",
    signature: "DeviceEnrolled(bytes32,bytes32,uint256,uint256,uint256,bytes32,uint8)",
    decode: (topic, data) => ({
      deviceId: topic(1),
      owner: topic(2),
      keyCommitment: words.wordBigInt(data, 0),
      publicKeyX: words.wordBigInt(data, 1),
      publicKeyY: words.wordBigInt(data, 2),
      messageKeyHash: words.wordBytes32(data, 3),
      attestation: words.wordNumber(data, 4) === 0 ? ("device" as const) : ("gateway" as const),
    }),
  },
  DeviceCalibrated: {
    contract: "deviceRegistry",
    signature: "DeviceCalibrated(bytes32,uint40,uint40)",
    decode: (topic, data) => ({
      deviceId: topic(1),
      calibratedFrom: words.wordNumber(data, 0),
      calibratedUntil: words.wordNumber(data, 1),
    }),
  },
  DeviceRevoked: {
    contract: "deviceRegistry",
    signature: "DeviceRevoked(bytes32,uint40)",
    decode: (topic, data) => ({ deviceId: topic(1), revokedFrom: words.wordNumber(data, 0) }),
  },
  FlowRegistered: {
    contract: "flowRegistry",
    signature: "FlowRegistered(uint32,bytes32,string)",
    decode: (topic, data) => ({
      flow: words.topicNumber(topic(1)),
      documentHash: topic(2),
      document: words.dynamicText(data, 0),
    }),
  },
  JourneyOpened: {
    contract: "custodyLedger",
    signature: "JourneyOpened(bytes32,uint32,bytes32,bytes32)",
    decode: (topic, data) => ({
      journeyId: topic(1),
      flow: words.topicNumber(topic(2)),
      identityCommitment: words.wordBytes32(data, 0),
      head: words.wordBytes32(data, 1),
    }),
  },
  CustodyEventRecorded: {
    contract: "custodyLedger",
    signature:
      "CustodyEventRecorded(bytes32,uint32,uint32,bytes32,uint8,uint40,uint40,bytes32,bytes32,bytes32)",
    decode: (topic, data) => ({
      journeyId: topic(1),
      participant: words.topicNumber(topic(2)),
      sequence: words.wordNumber(data, 0),
      commitment: words.wordBytes32(data, 1),
      step: words.wordNumber(data, 2),
      occurredAt: words.wordNumber(data, 3),
      recordedAt: words.wordNumber(data, 4),
      head: words.wordBytes32(data, 5),
      signatureR: words.wordBytes32(data, 6),
      signatureVS: words.wordBytes32(data, 7),
    }),
  },
  ExceptionRaised: {
    contract: "exceptionRegister",
    signature: "ExceptionRaised(bytes32,bytes32,uint32,uint8,uint8,uint40,uint40,bytes32,bytes32)",
    decode: (topic, data) => ({
      journeyId: topic(1),
      code: codeText(topic(2)),
      number: words.wordNumber(data, 0),
      class: words.wordNumber(data, 1),
      leg: words.wordNumber(data, 2),
      occurredAt: words.wordNumber(data, 3),
      dueAt: words.wordNumber(data, 4),
      detailCommitment: words.wordBytes32(data, 5),
      exceptionKey: words.wordBytes32(data, 6),
    }),
  },
  ExceptionAdvanced: {
    contract: "exceptionRegister",
    signature: "ExceptionAdvanced(bytes32,uint32,uint8,uint8,uint32,address,bytes32,uint40,bytes)",
    decode: (topic, data) => ({
      journeyId: topic(1),
      participant: words.topicNumber(topic(2)),
      number: words.wordNumber(data, 0),
      from: words.wordNumber(data, 1),
      to: words.wordNumber(data, 2),
      signer: words.wordAddress(data, 3),
      reasonHash: words.wordBytes32(data, 4),
      signedAt: words.wordNumber(data, 5),
      signature: words.dynamicBytes(data, 6),
    }),
  },
  DeviceAssigned: {
    contract: "conditionProofs",
    signature: "DeviceAssigned(bytes32,uint8,bytes32,uint40)",
    decode: (topic, data) => ({
      journeyId: topic(1),
      leg: words.topicNumber(topic(2)),
      deviceId: topic(3),
      assignedFrom: words.wordNumber(data, 0),
    }),
  },
  SegmentProven: {
    contract: "conditionProofs",
    signature: "SegmentProven(bytes32,uint8,uint32,uint40,uint40,uint256,uint256,uint256)",
    decode: (topic, data) => ({
      journeyId: topic(1),
      leg: words.topicNumber(topic(2)),
      number: words.wordNumber(data, 0),
      from: words.wordNumber(data, 1),
      to: words.wordNumber(data, 2),
      stateBefore: words.wordBigInt(data, 3),
      stateAfter: words.wordBigInt(data, 4),
      readingsCommitment: words.wordBigInt(data, 5),
    }),
  },
  RecallRaised: {
    contract: "exceptionRegister",
    signature: "RecallRaised(bytes32,uint32,uint32,bytes32)",
    decode: (topic, data) => ({
      journeyId: topic(1),
      number: words.wordNumber(data, 0),
      exceptionNumber: words.wordNumber(data, 1),
      code: codeText(words.wordBytes32(data, 2)),
    }),
  },
  IntervalAccepted: {
    contract: "conditionProofs",
    signature: "IntervalAccepted(bytes32,uint8,uint32,uint40,uint40,uint32,uint32,address,uint40,bytes)",
    decode: (topic, data) => ({
      journeyId: topic(1),
      leg: words.topicNumber(topic(2)),
      number: words.wordNumber(data, 0),
      from: words.wordNumber(data, 1),
      to: words.wordNumber(data, 2),
      exceptionNumber: words.wordNumber(data, 3),
      participant: words.wordNumber(data, 4),
      signer: words.wordAddress(data, 5),
      signedAt: words.wordNumber(data, 6),
      signature: words.dynamicBytes(data, 7),
    }),
  },
  DispositionDecided: {
    contract: "dispositionRegister",
    signature: "DispositionDecided(bytes32,uint32,uint8,uint32,address,bytes32,bytes32,uint40,uint40,bytes)",
    decode: (topic, data) => ({
      journeyId: topic(1),
      participant: words.topicNumber(topic(2)),
      number: words.wordNumber(data, 0),
      decision: words.wordNumber(data, 1),
      signer: words.wordAddress(data, 2),
      head: words.wordBytes32(data, 3),
      reasonHash: words.wordBytes32(data, 4),
      signedAt: words.wordNumber(data, 5),
      recordedAt: words.wordNumber(data, 6),
      signature: words.dynamicBytes(data, 7),
    }),
  },
  ExceptionalReleaseStepTaken: {
    contract: "dispositionRegister",
    signature: "ExceptionalReleaseStepTaken(bytes32,uint32,uint8,uint32,address,bytes32,uint40,uint40,bytes)",
    decode: (topic, data) => ({
      journeyId: topic(1),
      participant: words.topicNumber(topic(2)),
      number: words.wordNumber(data, 0),
      step: words.wordNumber(data, 1),
      signer: words.wordAddress(data, 2),
      documentHash: words.wordBytes32(data, 3),
      signedAt: words.wordNumber(data, 4),
      recordedAt: words.wordNumber(data, 5),
      signature: words.dynamicBytes(data, 6),
    }),
  },
  RecallAcknowledged: {
    contract: "dispositionRegister",
    signature: "RecallAcknowledged(bytes32,uint32,uint32,address,uint40,uint40,bytes)",
    decode: (topic, data) => ({
      journeyId: topic(1),
      participant: words.topicNumber(topic(2)),
      recalls: words.wordNumber(data, 0),
      signer: words.wordAddress(data, 1),
      signedAt: words.wordNumber(data, 2),
      recordedAt: words.wordNumber(data, 3),
      signature: words.dynamicBytes(data, 4),
    }),
  },
  SpecificationRegistered: {
    contract: "specificationRegistry",
    signature: "SpecificationRegistered(bytes32,uint256,uint256,string)",
    decode: (topic, data) => ({
      documentHash: topic(1),
      firstStageCommitment: words.wordBigInt(data, 0),
      finalStageCommitment: words.wordBigInt(data, 1),
      document: words.dynamicText(data, 2),
    }),
  },
  BatchProven: {
    contract: "batchProofs",
    signature: "BatchProven(bytes32,uint8,uint8,bytes32,bytes32,uint256,uint40,bytes32)",
    decode: (topic, data) => ({
      journeyId: topic(1),
      specification: words.topicNumber(topic(2)),
      stage: words.wordNumber(data, 0),
      documentHash: words.wordBytes32(data, 1),
      laboratory: words.wordBytes32(data, 2),
      resultsCommitment: words.wordBigInt(data, 3),
      signedAt: words.wordNumber(data, 4),
      certificateHash: words.wordBytes32(data, 5),
    }),
  },
  IdentityChecked: {
    contract: "identityChecks",
    signature: "IdentityChecked(bytes32,uint8,uint32,address,uint256,uint40,uint8,bytes)",
    decode: (topic, data) => ({
      journeyId: topic(1),
      step: words.topicNumber(topic(2)),
      participant: words.wordNumber(data, 0),
      signer: words.wordAddress(data, 1),
      linkedCommitment: words.wordBigInt(data, 2),
      signedAt: words.wordNumber(data, 3),
      persons: words.wordNumber(data, 4),
      signature: words.dynamicBytes(data, 5),
    }),
  },
  ShipperRegistered: {
    contract: "equipmentRegistry",
    signature: "ShipperRegistered(bytes32,bytes32,bytes32)",
    decode: (topic, data) => ({ equipmentId: topic(1), owner: topic(2), documentHash: words.wordBytes32(data, 0) }),
  },
  ShipperQualified: {
    contract: "equipmentRegistry",
    signature: "ShipperQualified(bytes32,uint40,uint40,bytes32)",
    decode: (topic, data) => ({ equipmentId: topic(1), ...qualification(data) }),
  },
  LaneRegistered: {
    contract: "equipmentRegistry",
    signature: "LaneRegistered(bytes32,bytes32)",
    decode: (topic, data) => ({ laneId: topic(1), documentHash: words.wordBytes32(data, 0) }),
  },
  LaneQualified: {
    contract: "equipmentRegistry",
    signature: "LaneQualified(bytes32,uint40,uint40,bytes32)",
    decode: (topic, data) => ({ laneId: topic(1), ...qualification(data) }),
  },
  ShipperAssigned: {
    contract: "equipmentRegistry",
    signature: "ShipperAssigned(bytes32,uint8,bytes32,bytes32,uint40)",
    decode: (topic, data) => ({
      journeyId: topic(1),
      leg: words.topicNumber(topic(2)),
      equipmentId: topic(3),
      laneId: words.wordBytes32(data, 0),
      assignedAt: words.wordNumber(data, 1),
    }),
  },
  EquipmentAccepted: {
    contract: "equipmentRegistry",
    signature: "EquipmentAccepted(bytes32,uint8,bytes32,uint8,uint32,uint32,address,uint40,bytes)",
    decode: (topic, data) => ({
      journeyId: topic(1),
      leg: words.topicNumber(topic(2)),
      code: codeText(words.wordBytes32(data, 0)),
      assigned: words.wordNumber(data, 1),
      exceptionNumber: words.wordNumber(data, 2),
      participant: words.wordNumber(data, 3),
      signer: words.wordAddress(data, 4),
      signedAt: words.wordNumber(data, 5),
      signature: words.dynamicBytes(data, 6),
    }),
  },
  GateReleased: {
    contract: "releaseRegister",
    signature: "GateReleased(bytes32,uint8,uint32,address,bytes32,uint40,uint40,bytes)",
    decode: (topic, data) => ({
      journeyId: topic(1),
      gate: words.topicNumber(topic(2)),
      participant: words.wordNumber(data, 0),
      signer: words.wordAddress(data, 1),
      head: words.wordBytes32(data, 2),
      signedAt: words.wordNumber(data, 3),
      releasedAt: words.wordNumber(data, 4),
      signature: words.dynamicBytes(data, 5),
    }),
  },
};

/** The topic an event of this name is found by. */
export function topicOf(name: LedgerEventName): string {
  return id(DECODERS[name].signature);
}

/** Decoder of the logs of one deployment: null for a log that is none of ours or comes from another contract. */
export function createLogDecoder(addresses: LedgerAddresses): (log: RawLog) => LedgerEvent | null {
  const byTopic = new Map(
    (Object.keys(DECODERS) as LedgerEventName[]).map((name) => {
      const { contract, decode } = DECODERS[name];
      return [topicOf(name), { name, address: addresses[contract].toLowerCase(), decode }] as const;
    }),
  );
  return (log) => {
    const decoder = byTopic.get(log.topics[0] ?? "");
    if (decoder === undefined || log.address.toLowerCase() !== decoder.address) return null;
    return {
      name: decoder.name,
      blockNumber: Number.parseInt(log.blockNumber, 16),
      logIndex: Number.parseInt(log.logIndex, 16),
      transactionHash: log.transactionHash,
      ...decoder.decode((index) => log.topics[index] ?? "", log.data),
    } as LedgerEvent;
  };
}

function qualification(data: string): { qualifiedFrom: number; qualifiedUntil: number; certificateHash: string } {
  return {
    qualifiedFrom: words.wordNumber(data, 0),
    qualifiedUntil: words.wordNumber(data, 1),
    certificateHash: words.wordBytes32(data, 2),
  };
}

function codeText(bytes: string): string {
  try {
    return bytes32ToCode(bytes);
  } catch {
    return bytes;
  }
}
