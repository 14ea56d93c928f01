import type { DeviceEvent, ParticipantEvent } from "./ledger-events.ts";

export interface ParticipantState {
  index: number;
  participantId: string;
  roles: number;
  suspended: boolean;
  /** Hosted accounts sign for it no more. */
  ownKeysOnly: boolean;
}

export interface DeviceState {
  deviceId: string;
  owner: string;
  keyCommitment: bigint;
  publicKey: [bigint, bigint];
  attestation: "device" | "gateway";
  calibrations: { from: number; until: number }[];
  revokedFrom: number | null;
}

/** The participant an account signs for: null when none, removed, suspended, or hosted for one with own keys only. */
export type ActiveSigner = (account: string) => ParticipantState | null;

/** Who may write and who may measure, as the logs applied so far have it. */
export interface RegistryState {
  apply(event: ParticipantEvent | DeviceEvent): void;
  activeSigner: ActiveSigner;
  /** Whether a node holds the account's key. */
  isHosted(account: string): boolean;
  /** A copy of `activeSigner` that later logs do not change. */
  activeSigners(): ActiveSigner;
  participantAt(index: number): ParticipantState | null;
  participant(participantId: string): ParticipantState | null;
  device(deviceId: string): DeviceState | null;
}

interface Account {
  participantId: string;
  active: boolean;
  hosted: boolean;
}

export function createRegistryState(): RegistryState {
  const participants = new Map<string, ParticipantState>();
  const byIndex = new Map<number, ParticipantState>();
  const accounts = new Map<string, Account>();
  const devices = new Map<string, DeviceState>();

  const change = (participantId: string, values: Partial<ParticipantState>) => {
    const participant = participants.get(participantId);
    if (participant !== undefined) Object.assign(participant, values);
  };
  const activeSignerAmong =
    (known: ReadonlyMap<string, Account>, owners: ReadonlyMap<string, ParticipantState>): ActiveSigner =>
    (account) => {
      const entry = known.get(account);
      if (entry === undefined || !entry.active) return null;
      const participant = owners.get(entry.participantId);
      if (participant === undefined || participant.suspended) return null;
      return participant.ownKeysOnly && entry.hosted ? null : { ...participant };
    };
  return {
    activeSigner: activeSignerAmong(accounts, participants),
    isHosted: (account) => accounts.get(account)?.hosted ?? false,
    activeSigners() {
      const owners = [...participants].map(([id, participant]) => [id, { ...participant }] as const);
      return activeSignerAmong(new Map(accounts), new Map(owners));
    },
    apply(event) {
      switch (event.name) {
        case "ParticipantRegistered": {
          const { participantId, index, roles } = event;
          const participant = { index, participantId, roles, suspended: false, ownKeysOnly: false };
          participants.set(participantId, participant);
          byIndex.set(index, participant);
          return;
        }
        case "ParticipantRolesChanged":
          change(event.participantId, { roles: event.roles });
          return;
        case "ParticipantSuspensionChanged":
          change(event.participantId, { suspended: event.suspended });
          return;
        case "SigningAccountAdded":
          accounts.set(event.account, { participantId: event.participantId, active: true, hosted: event.hosted });
          return;
        case "SigningAccountRemoved":
          accounts.set(event.account, {
            participantId: event.participantId,
            active: false,
            hosted: accounts.get(event.account)?.hosted ?? false,
          });
          return;
        case "OwnKeysRequired":
        case "OwnKeysNoLongerRequired":
          change(event.participantId, { ownKeysOnly: event.name === "OwnKeysRequired" });
          return;
        case "DeviceEnrolled":
          devices.set(event.deviceId, {
            deviceId: event.deviceId,
            owner: event.owner,
            keyCommitment: event.keyCommitment,
            publicKey: [event.publicKeyX, event.publicKeyY],
            attestation: event.attestation,
            calibrations: [],
            revokedFrom: null,
          });
          return;
        case "DeviceCalibrated":
          devices.get(event.deviceId)?.calibrations.push({ from: event.calibratedFrom, until: event.calibratedUntil });
          return;
        case "DeviceRevoked": {
          const device = devices.get(event.deviceId);
          if (device !== undefined) device.revokedFrom = event.revokedFrom;
        }
      }
    },
    participantAt(index) {
      const participant = byIndex.get(index);
      return participant === undefined ? null : { ...participant };
    },
    participant(participantId) {
      const participant = participants.get(participantId);
      return participant === undefined ? null : { ...participant };
    },
    device(deviceId) {
      const device = devices.get(deviceId);
      return device === undefined ? null : { ...device, calibrations: [...device.calibrations] };
    },
  };
}

/** Why a device was not fit to measure over an interval (Unix seconds); null when it was. */
export function unfitReason(device: DeviceState | null, from: number, to: number): string | null {
  if (device === null) return "it is not enrolled";
  if (device.revokedFrom !== null && to >= device.revokedFrom) return `it is revoked from ${isoTime(device.revokedFrom)} on`;
  const isCalibrated = device.calibrations.some((interval) => interval.from <= from && to <= interval.until);
  return isCalibrated ? null : "no calibration covers the whole interval";
}

/** Unix seconds as RFC 3339, UTC. */
export function isoTime(seconds: number): string {
  return Number.isFinite(seconds) ? new Date(seconds * 1000).toISOString().replace(".000Z", "Z") : String(seconds);
}
