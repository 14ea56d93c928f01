import type { ExceptionState } from "../model/custody/exception-lifecycle.ts";
import type { ExceptionClass, ExceptionCode } from "../model/custody/exceptions.ts";
import type { DispositionState } from "../model/custody/disposition.ts";
import type { FlowDefinition } from "../model/custody/flow.ts";
import type { JourneyState } from "../model/custody/rules.ts";
import type { LedgerAddresses } from "./addresses.ts";
import type { ChainLog } from "./chain-log.ts";
import type { EquipmentStatus } from "../model/custody/equipment.ts";
import type { AcceptedException, DispositionHistory } from "./disposition-history.ts";
import type {
  BatchProven,
  CustodyEventRecorded,
  EquipmentAccepted,
  ExceptionAdvanced,
  ExceptionRaised,
  GateReleased,
  IdentityChecked,
  JourneyOpened,
  SpecificationRegistered,
} from "./ledger-events.ts";
import type { EquipmentRecord } from "./equipment-record.ts";
import type { LegRecord } from "./leg-coverage.ts";
import type { DeviceState, ParticipantState, RegistryState } from "./registry-state.ts";
import type { SignerRecovery } from "./signer-recovery.ts";

/** One custody event with what the replay made of it. */
export interface HistoryEvent {
  log: CustodyEventRecorded;
  /** Account recovered from the signature; null when it recovers to none. */
  signer: string | null;
  /** Participant that account signed for when the event was recorded; null when it was no active account. */
  participant: ParticipantState | null;
  sequenceExpected: number;
  headExpected: string;
  /** Codes the rules twin finds, in the ledger's order. */
  exceptionsExpected: ExceptionCode[];
}

export interface HistoryException {
  log: ExceptionRaised;
  class: ExceptionClass;
  holds: boolean;
  /** Where its transitions, applied in order, left it. */
  state: ExceptionState;
  transitions: HistoryTransition[];
}

/** One transition with what the exception and its signer were at that moment. */
export interface HistoryTransition {
  log: ExceptionAdvanced;
  before: ExceptionState;
  /** Participant the signer was an active account of; null when it was none. */
  participant: ParticipantState | null;
}

export interface HistoryIdentityCheck {
  log: IdentityChecked;
  /** Participant the signer's account was active for at that moment; null when it was none. */
  participant: ParticipantState | null;
}

/** What carried a leg, accepted by a qualified person, with the leg and the exception as they stood just before. */
export interface HistoryEquipmentAcceptance {
  log: EquipmentAccepted;
  participant: ParticipantState | null;
  status: EquipmentStatus;
  assignments: number;
  isLegOver: boolean;
  exception: AcceptedException | null;
}

/** A release with the journey as it stood at that moment. */
export interface HistoryRelease {
  log: GateReleased;
  participant: ParticipantState | null;
  head: string;
  recordedSteps: ReadonlyMap<number, number>;
  releasedGates: ReadonlySet<number>;
  openHolding: number;
  /** Whether each leg had a qualified shipper and lane, by what was recorded by then. */
  equipment: EquipmentRecord;
  disposition: DispositionState;
  /** Step number → accounts of the persons that had checked the identity there. */
  identityCheckers: ReadonlyMap<number, ReadonlySet<string>>;
  legs: ReadonlyMap<number, LegRecord>;
  /** Numbers of the specifications that were proven, at any stage. */
  provenSpecifications: ReadonlySet<number>;
}

/** One batch proof with who owned the laboratory's key when it was recorded. */
export interface HistoryBatchProof {
  log: BatchProven;
  device: DeviceState | null;
  owner: ParticipantState | null;
}

/** A journey's whole history, replayed from the logs alone. */
export interface JourneyHistory {
  journeyId: string;
  chainLog: ChainLog;
  addresses: LedgerAddresses;
  opened: JourneyOpened;
  flow: FlowDefinition;
  flowNumber: number;
  flowDocument: string;
  flowDocumentHash: string;
  firstHead: string;
  events: HistoryEvent[];
  exceptions: HistoryException[];
  legs: ReadonlyMap<number, LegRecord>;
  identityChecks: HistoryIdentityCheck[];
  /** Shippers, lanes and their use as of the last log. */
  equipment: EquipmentRecord;
  equipmentAcceptances: HistoryEquipmentAcceptance[];
  releases: HistoryRelease[];
  /** What became of the batch. */
  disposition: DispositionHistory;
  batchProofs: HistoryBatchProof[];
  /** Registered specifications by document hash. */
  specifications: ReadonlyMap<string, SpecificationRegistered>;
  registry: RegistryState;
  recovery: SignerRecovery;
  /** The journey after the last log. */
  state: JourneyState;
  head: string;
}
