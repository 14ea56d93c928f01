/** Where a log stands in the chain. */
export interface LogPosition {
  blockNumber: number;
  logIndex: number;
  transactionHash: string;
}

type Logged<Name extends string, Fields> = LogPosition & { name: Name } & Fields;

/*
 * The logs of `contracts/interfaces`, one type each. Hashes and addresses are lower-case 0x hex; times are Unix
 * seconds; numbers of steps, legs, gates and participants are the contracts' own.
 */
export type ParticipantEvent =
  | Logged<"ParticipantRegistered", { participantId: string; index: number; roles: number }>
  | Logged<"ParticipantRolesChanged", { participantId: string; roles: number }>
  | Logged<"ParticipantSuspensionChanged", { participantId: string; suspended: boolean }>
  | Logged<"SigningAccountAdded", { participantId: string; account: string; hosted: boolean }>
  | Logged<"SigningAccountRemoved", { participantId: string; account: string }>
  | Logged<"OwnKeysRequired", { participantId: string; signer: string; signedAt: number; signature: string }>
  | Logged<"OwnKeysNoLongerRequired", { participantId: string }>;

export type DeviceEvent =
  | Logged<
      "DeviceEnrolled",
      {
        deviceId: string;
        owner: string;
        keyCommitment: bigint;
        publicKeyX: bigint;
        publicKeyY: bigint;
        messageKeyHash: string;
        attestation: "device" | "gateway";
      }
    >
  | Logged<"DeviceCalibrated", { deviceId: string; calibratedFrom: number; calibratedUntil: number }>
  | Logged<"DeviceRevoked", { deviceId: string; revokedFrom: number }>;

export type FlowRegistered = Logged<"FlowRegistered", { flow: number; documentHash: string; document: string }>;

export type SpecificationRegistered = Logged<
  "SpecificationRegistered",
  { documentHash: string; firstStageCommitment: bigint; finalStageCommitment: bigint; document: string }
>;

export type BatchProven = Logged<
  "BatchProven",
  {
    journeyId: string;
    specification: number;
    /** 1 first, 2 final. */
    stage: number;
    documentHash: string;
    laboratory: string;
    resultsCommitment: bigint;
    signedAt: number;
    certificateHash: string;
  }
>;

export type JourneyOpened = Logged<
  "JourneyOpened",
  { journeyId: string; flow: number; identityCommitment: string; head: string }
>;

export type CustodyEventRecorded = Logged<
  "CustodyEventRecorded",
  {
    journeyId: string;
    participant: number;
    sequence: number;
    commitment: string;
    step: number;
    occurredAt: number;
    recordedAt: number;
    head: string;
    signatureR: string;
    signatureVS: string;
  }
>;

export type ExceptionRaised = Logged<
  "ExceptionRaised",
  {
    journeyId: string;
    /** The catalogue's code, or the raw bytes32 when it is no text. */
    code: string;
    number: number;
    class: number;
    /** Leg number + 1, zero when it concerns no leg. */
    leg: number;
    occurredAt: number;
    /** When somebody must have reacted, Unix seconds. */
    dueAt: number;
    detailCommitment: string;
    exceptionKey: string;
  }
>;

/** `from` and `to` are places in `EXCEPTION_STAGES`. */
export type ExceptionAdvanced = Logged<
  "ExceptionAdvanced",
  {
    journeyId: string;
    number: number;
    from: number;
    to: number;
    participant: number;
    signer: string;
    reasonHash: string;
    signedAt: number;
    signature: string;
  }
>;

export type DeviceAssigned = Logged<
  "DeviceAssigned",
  { journeyId: string; leg: number; deviceId: string; assignedFrom: number }
>;

export type SegmentProven = Logged<
  "SegmentProven",
  {
    journeyId: string;
    leg: number;
    number: number;
    from: number;
    to: number;
    stateBefore: bigint;
    stateAfter: bigint;
    readingsCommitment: bigint;
  }
>;

export type GateReleased = Logged<
  "GateReleased",
  {
    journeyId: string;
    gate: number;
    participant: number;
    signer: string;
    head: string;
    signedAt: number;
    releasedAt: number;
    signature: string;
  }
>;

export type RecallRaised = Logged<
  "RecallRaised",
  { journeyId: string; number: number; exceptionNumber: number; code: string }
>;

export type IntervalAccepted = Logged<
  "IntervalAccepted",
  {
    journeyId: string;
    leg: number;
    number: number;
    from: number;
    to: number;
    exceptionNumber: number;
    participant: number;
    signer: string;
    signedAt: number;
    signature: string;
  }
>;

export type EquipmentAccepted = Logged<
  "EquipmentAccepted",
  {
    journeyId: string;
    leg: number;
    code: string;
    assigned: number;
    exceptionNumber: number;
    participant: number;
    signer: string;
    signedAt: number;
    signature: string;
  }
>;

interface SignedEntry {
  journeyId: string;
  number: number;
  participant: number;
  signer: string;
  signedAt: number;
  recordedAt: number;
  signature: string;
}

export type DispositionDecided = Logged<"DispositionDecided", SignedEntry & { decision: number; head: string; reasonHash: string }>;

export type ExceptionalReleaseStepTaken = Logged<"ExceptionalReleaseStepTaken", SignedEntry & { step: number; documentHash: string }>;

export type RecallAcknowledged = Logged<
  "RecallAcknowledged",
  {
    journeyId: string;
    recalls: number;
    participant: number;
    signer: string;
    signedAt: number;
    recordedAt: number;
    signature: string;
  }
>;

/** An identity proven to be the journey's, by one person who scanned. */
export type IdentityChecked = Logged<
  "IdentityChecked",
  {
    journeyId: string;
    step: number;
    participant: number;
    signer: string;
    linkedCommitment: bigint;
    signedAt: number;
    persons: number;
    signature: string;
  }
>;

interface Qualification {
  qualifiedFrom: number;
  qualifiedUntil: number;
  certificateHash: string;
}

/** Shippers, lanes and their use, by any journey: one journey's use of a shipper bears on the next. */
export type EquipmentEvent =
  | Logged<"ShipperRegistered", { equipmentId: string; owner: string; documentHash: string }>
  | Logged<"ShipperQualified", { equipmentId: string } & Qualification>
  | Logged<"LaneRegistered", { laneId: string; documentHash: string }>
  | Logged<"LaneQualified", { laneId: string } & Qualification>
  | EquipmentAccepted
  | Logged<"ShipperAssigned", { journeyId: string; leg: number; equipmentId: string; laneId: string; assignedAt: number }>;

export type JourneyEvent =
  | RecallRaised
  | IntervalAccepted
  | DispositionDecided
  | ExceptionalReleaseStepTaken
  | RecallAcknowledged
  | JourneyOpened
  | CustodyEventRecorded
  | ExceptionRaised
  | ExceptionAdvanced
  | DeviceAssigned
  | SegmentProven
  | BatchProven
  | IdentityChecked
  | GateReleased;

export type LedgerEvent = ParticipantEvent | DeviceEvent | EquipmentEvent | FlowRegistered | SpecificationRegistered | JourneyEvent;
export type LedgerEventName = LedgerEvent["name"];
