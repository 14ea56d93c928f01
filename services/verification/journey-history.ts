import { ThreadlineError } from "../model/errors.ts";
import { firstHead } from "../model/custody/commitments.ts";
import { EXCEPTION_STAGES, advanceException, newExceptionState } from "../model/custody/exception-lifecycle.ts";
import { EXCEPTION_CLASSES, holdsRelease } from "../model/custody/exceptions.ts";
import { stepNumber } from "../model/custody/flow.ts";
import { bitmapToRoles } from "../model/custody/roles.ts";
import { newJourneyState, recordFact } from "../model/custody/rules.ts";
import type { JourneyState } from "../model/custody/rules.ts";
import type { LedgerAddresses } from "./addresses.ts";
import type { ChainLog } from "./chain-log.ts";
import { createEquipmentRecord } from "./equipment-record.ts";
import { createDispositionReplay, exceptionNamed } from "./disposition-history.ts";
import { readFlow } from "./flow-document.ts";
import { createCustodyDigest, createHashChain } from "./hash-chain.ts";
import type { HistoryBatchProof, HistoryEquipmentAcceptance, HistoryEvent, HistoryException, HistoryIdentityCheck, HistoryRelease, JourneyHistory } from "./history.ts";
import type { Hasher } from "./keccak.ts";
import type { CustodyEventRecorded, LedgerEvent, SpecificationRegistered } from "./ledger-events.ts";
import { NO_LEG } from "./leg-coverage.ts";
import type { LegRecord } from "./leg-coverage.ts";
import { createRegistryState } from "./registry-state.ts";
import { createSignerRecovery } from "./signer-recovery.ts";
import type { SignerRecovery } from "./signer-recovery.ts";

/**
 * Replays the logs in chain order: registries, rules, hash chain, coverage. It judges nothing, it only puts beside each
 * log what it should have been.
 * Throws ThreadlineError `journey-unknown` when the ledger has no such journey, `flow-unknown` or `flow-invalid` when
 * its flow cannot be read.
 */
export function replayHistory(
  hasher: Hasher,
  chainLog: ChainLog,
  addresses: LedgerAddresses,
  journeyId: string,
): JourneyHistory {
  const opened = chainLog.journey.find((event) => event.name === "JourneyOpened");
  if (opened === undefined)
    throw new ThreadlineError(
      "journey-unknown",
      `the ledger at ${addresses.custodyLedger} has no journey ${journeyId}: check the journey id, the addresses and the chain`,
      { journeyId },
    );
  const { flow, document, documentHash } = readFlow(chainLog, opened.flow);
  const recovery = createSignerRecovery(hasher);
  const signers = recoverSigners(hasher, recovery, chainLog, addresses.custodyLedger);
  const nextHead = createHashChain(hasher);
  const registry = createRegistryState();
  const equipment = createEquipmentRecord();
  const legs = new Map<number, LegRecord>();
  const events: HistoryEvent[] = [];
  const exceptions: HistoryException[] = [];
  const releases: HistoryRelease[] = [];
  const disposition = createDispositionReplay(flow, registry, exceptions);
  const batchProofs: HistoryBatchProof[] = [];
  const specifications = new Map<string, SpecificationRegistered>();
  const identityChecks: HistoryIdentityCheck[] = [];
  const equipmentAcceptances: HistoryEquipmentAcceptance[] = [];
  let state: JourneyState = newJourneyState;
  let head = firstHead(journeyId, opened.flow, opened.identityCommitment);
  const first = head;

  const apply = (event: LedgerEvent): void => {
    switch (event.name) {
      case "FlowRegistered":
      case "JourneyOpened":
        return;
      case "CustodyEventRecorded": {
        const signer = signers.get(event) ?? null;
        const participant = signer === null ? null : registry.activeSigner(signer);
        // The ledger's own word on who acted keeps the replay going when a signature fails; the check names it.
        const actor = participant ?? registry.participantAt(event.participant);
        const found = recordFact(flow, state, {
          step: event.step,
          participant: actor?.participantId ?? "",
          roles: bitmapToRoles(actor?.roles ?? 0),
          occurredAt: event.occurredAt,
          recordedAt: event.recordedAt,
        });
        state = found.state;
        const headExpected = signer === null ? "" : nextHead(head, { ...event, signer });
        events.push({
          log: event,
          signer,
          participant,
          sequenceExpected: events.length,
          headExpected,
          exceptionsExpected: found.exceptions,
        });
        // Going on from the recorded head locates every later break of its own.
        head = event.head;
        return;
      }
      case "ExceptionRaised": {
        const exceptionClass = EXCEPTION_CLASSES[event.class] ?? "critical";
        const holds = holdsRelease(exceptionClass);
        exceptions.push({ log: event, class: exceptionClass, holds, state: newExceptionState, transitions: [] });
        return;
      }
      case "ExceptionAdvanced": {
        const exception = exceptions.find((candidate) => candidate.log.number === event.number);
        if (exception === undefined) return;
        exception.transitions.push({ log: event, before: exception.state, participant: registry.activeSigner(event.signer) });
        // Going on from the recorded stage locates every later fault of its own.
        const to = EXCEPTION_STAGES[event.to];
        if (to !== undefined) exception.state = advanceException(exception.state, { to, signer: event.signer });
        return;
      }
      case "DeviceAssigned":
        legs.set(event.leg, { ...(legs.get(event.leg) ?? NO_LEG), assignment: event });
        return;
      case "SegmentProven": {
        const leg = legs.get(event.leg) ?? NO_LEG;
        legs.set(event.leg, { ...leg, segments: [...leg.segments, event] });
        return;
      }
      case "IntervalAccepted": {
        const leg = legs.get(event.leg) ?? NO_LEG;
        legs.set(event.leg, { ...leg, acceptances: [...leg.acceptances, event] });
        disposition.apply(event, { head, recordedSteps: state.recordedSteps });
        return;
      }
      case "DispositionDecided":
      case "ExceptionalReleaseStepTaken":
      case "RecallRaised":
      case "RecallAcknowledged":
        disposition.apply(event, { head, recordedSteps: state.recordedSteps });
        return;
      case "SpecificationRegistered":
        specifications.set(event.documentHash, event);
        return;
      case "BatchProven": {
        const device = registry.device(event.laboratory);
        batchProofs.push({ log: event, device, owner: device === null ? null : registry.participant(device.owner) });
        return;
      }
      case "IdentityChecked":
        identityChecks.push({ log: event, participant: registry.activeSigner(event.signer) });
        return;
      case "ShipperRegistered":
      case "ShipperQualified":
      case "LaneRegistered":
      case "LaneQualified":
      case "ShipperAssigned":
        equipment.apply(event);
        return;
      case "EquipmentAccepted":
        if (event.journeyId === journeyId) {
          const definition = flow.legs[event.leg];
          const isRecorded = (step = "") => state.recordedSteps.has(stepNumber(flow, step));
          equipmentAcceptances.push({
            log: event,
            participant: registry.activeSigner(event.signer),
            status: equipment.statusOfLeg(flow, journeyId, event.leg, state.recordedSteps),
            assignments: equipment.assignmentsOf(journeyId, event.leg).length,
            isLegOver: isRecorded(definition?.from) && isRecorded(definition?.to),
            exception: exceptionNamed(exceptions, event.exceptionNumber),
          });
        }
        equipment.apply(event);
        return;
      case "GateReleased": {
        releases.push({
          log: event,
          participant: registry.activeSigner(event.signer),
          head,
          recordedSteps: state.recordedSteps,
          releasedGates: state.releasedGates,
          openHolding: openHolding(exceptions).length,
          disposition: disposition.state(),
          legs: new Map(legs),
          equipment: equipment.copy(),
          provenSpecifications: new Set(batchProofs.map(({ log }) => log.specification)),
          identityCheckers: checkersOf(identityChecks),
        });
        state = { ...state, releasedGates: new Set([...state.releasedGates, event.gate]) };
        return;
      }
      default:
        registry.apply(event);
    }
  };
  const inOrder: LedgerEvent[] = [...chainLog.registry, ...chainLog.journey];
  inOrder.sort((left, right) => left.blockNumber - right.blockNumber || left.logIndex - right.logIndex).forEach(apply);
  return {
    journeyId,
    chainLog,
    addresses,
    opened,
    flow,
    flowNumber: opened.flow,
    flowDocument: document,
    flowDocumentHash: documentHash,
    firstHead: first,
    events,
    exceptions,
    legs,
    identityChecks,
    equipment,
    equipmentAcceptances,
    releases,
    disposition: disposition.history(),
    batchProofs,
    specifications,
    registry,
    recovery,
    state,
    head,
  };
}

/** Exceptions of the classes that hold a release, and that nobody approved as resolved or accepted. */
export function openHolding(exceptions: readonly HistoryException[]): HistoryException[] {
  return exceptions.filter((exception) => exception.holds && exception.state.outcome === null);
}

function recoverSigners(
  hasher: Hasher,
  recovery: SignerRecovery,
  chainLog: ChainLog,
  custodyLedger: string,
): Map<CustodyEventRecorded, string | null> {
  const digestOf = createCustodyDigest(hasher, chainLog.chainId, custodyLedger);
  const logs = chainLog.journey.filter((event) => event.name === "CustodyEventRecorded");
  const accounts = recovery.recoverAll(
    logs.map((log) => ({
      digest: digestOf(log),
      r: BigInt(log.signatureR),
      vs: BigInt(log.signatureVS),
      group: log.participant,
    })),
  );
  return new Map(logs.map((log, index) => [log, accounts[index] ?? null]));
}

/** Step number → different accounts that checked the identity there. */
export function checkersOf(checks: readonly HistoryIdentityCheck[]): Map<number, Set<string>> {
  const checkers = new Map<number, Set<string>>();
  for (const { log } of checks) checkers.set(log.step, (checkers.get(log.step) ?? new Set()).add(log.signer));
  return checkers;
}
