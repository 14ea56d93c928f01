import { EXCEPTION_STAGES } from "../model/custody/exception-lifecycle.ts";
import { deviceIdOf, participantIdOf } from "../model/custody/identifiers.ts";
import { wordBytes32, wordNumber } from "./abi-words.ts";
import { parseAddresses } from "./addresses.ts";
import type { AuditEvent, AuditProof, AuditReport, Divergence } from "./audit-report.ts";
import { chainDivergences, headDivergences } from "./chain-divergences.ts";
import { readChainLog } from "./chain-log.ts";
import { requireCode } from "./checks/contracts.ts";
import { createContractReader } from "./contract-reads.ts";
import type { RecomputedEvent } from "./disclosed-event.ts";
import { isPartlyShown, normalHash, parseDisclosure } from "./disclosure.ts";
import type { Disclosure } from "./disclosure.ts";
import type { HistoryEvent, JourneyHistory } from "./history.ts";
import { replayHistory } from "./journey-history.ts";
import { createHasher } from "./keccak.ts";
import { NO_LEG, legCoverage } from "./leg-coverage.ts";
import { matchEvents } from "./match-events.ts";
import { legName, matchExceptions } from "./match-exceptions.ts";
import { matchSegments } from "./match-segments.ts";
import { createRpc } from "./rpc.ts";
import type { Rpc } from "./rpc.ts";
import { parseJourneyId } from "./verify.ts";

export type { AuditReport, Divergence } from "./audit-report.ts";

export interface ReplayOptions {
  rpcUrl: string;
  /** Answers in place of what is at `rpcUrl`, as an archive's record of the chain does. */
  rpc?: Rpc;
  /** The ledger's contracts, see `ledgerAddressesSchema`; other names are ignored. */
  addresses: unknown;
  journeyId: string;
  /** What `GET /journeys/{id}/disclosure` answered, see `disclosureSchema`. */
  disclosure: unknown;
  /** First block to read; the contracts' deployment or earlier. */
  fromBlock?: number;
}

/**
 * The auditor's replay: rebuilds a journey's history from the chain, opens every commitment with what was disclosed,
 * and names each place where chain, disclosure and flow do not agree. A journey that is held, with its exceptions all
 * on the ledger, has no divergence.
 * Throws ThreadlineError when chain or disclosure cannot be read (`rpc-unreachable`, `journey-unknown`,
 * `disclosure-invalid`, …).
 */
export async function replayJourney(options: ReplayOptions): Promise<AuditReport> {
  const journeyId = parseJourneyId(options.journeyId);
  const addresses = parseAddresses(options.addresses);
  const disclosure = parseDisclosure(options.disclosure);
  const rpc = options.rpc ?? createRpc(options.rpcUrl);
  await requireCode(rpc, addresses);
  const chainLog = await readChainLog(rpc, addresses, journeyId, options.fromBlock);
  const history = replayHistory(await createHasher(), chainLog, addresses, journeyId);
  const parameters = [BigInt(journeyId)];
  const [head = "0x", journey = "0x"] = await createContractReader(rpc, chainLog.headBlock)([
    { address: addresses.custodyLedger, signature: "head(bytes32)", parameters },
    { address: addresses.custodyLedger, signature: "journey(bytes32)", parameters },
  ]);
  const names = disclosedNames(disclosure);
  const events = matchEvents(history, disclosure.events);
  const { withheld = [] } = disclosure;
  const exceptions = matchExceptions(history, disclosure.exceptionDetails, withheld);
  const divergences: Divergence[] = [
    ...subjectDivergences(history, disclosure),
    ...headDivergences(history, wordBytes32(head, 0), wordNumber(journey, 1)),
    ...chainDivergences(history),
    ...withoutErased(disclosure, [...events.divergences, ...exceptions.divergences]),
    ...matchSegments(history, disclosure.segments),
  ];
  return {
    journeyId,
    chainId: chainLog.chainId.toString(),
    headBlock: chainLog.headBlock,
    flow: { name: history.flow.name, version: history.flow.version, documentHash: history.flowDocumentHash },
    head: history.head,
    events: history.events.map((event) => auditEvent(history, event, names, events.bySequence, divergences)),
    exceptions: history.exceptions.map(({ log, class: exceptionClass, holds, state, transitions }) => ({
      number: log.number,
      code: log.code,
      class: exceptionClass,
      leg: legName(history.flow, log.leg),
      occurredAt: log.occurredAt,
      ...(exceptions.byNumber.get(log.number) ?? { message: null, observed: null, limit: null, unit: null }),
      stage: state.stage,
      transitions: transitions.map(({ log: transition, participant }) => ({
        to: EXCEPTION_STAGES[transition.to] ?? String(transition.to),
        participantId: participant?.participantId ?? null,
        signer: transition.signer,
        reasonHash: transition.reasonHash,
        signedAt: transition.signedAt,
      })),
      holdsRelease: holds && state.outcome === null,
    })),
    proofs: auditProofs(history, names),
    releases: history.releases.map(({ log, participant }) => ({
      gate: history.flow.gates[log.gate]?.gate ?? String(log.gate),
      title: history.flow.gates[log.gate]?.title ?? `gate ${log.gate}`,
      participantId: participant?.participantId ?? null,
      participantGln: names.get(participant?.participantId ?? "") ?? null,
      signer: log.signer,
      releasedAt: log.releasedAt,
      head: log.head,
    })),
    erasedAt: disclosure.erasedAt ?? null,
    ...(withheld.length === 0 ? {} : { withheld }),
    divergences,
    exitCode: divergences.length === 0 ? 0 : 1,
  };
}

/** What was erased on the subject's request is missing by right; all that the chain itself says is still checked. */
function withoutErased({ erasedAt }: Disclosure, divergences: readonly Divergence[]): Divergence[] {
  const isErased = typeof erasedAt === "string";
  return divergences.filter(({ kind }) => !(isErased && (kind === "event-missing" || kind === "exception-missing")));
}

/** The disclosure is of this journey and of the flow it was opened with. */
function subjectDivergences({ journeyId, flowDocumentHash }: JourneyHistory, disclosure: Disclosure): Divergence[] {
  const divergences: Divergence[] = [];
  if (normalHash(disclosure.journeyId) !== journeyId)
    divergences.push({
      kind: "journey-differs",
      what: "journey of the disclosure",
      expected: journeyId,
      actual: disclosure.journeyId,
    });
  const disclosedFlow = disclosure.flowDocumentHash;
  if (disclosedFlow !== undefined && normalHash(disclosedFlow) !== flowDocumentHash)
    divergences.push({
      kind: "flow-altered",
      what: "flow of the disclosure",
      expected: flowDocumentHash,
      actual: disclosedFlow,
    });
  return divergences;
}

function auditEvent(
  { flow }: JourneyHistory,
  { log, signer, participant, exceptionsExpected }: HistoryEvent,
  names: ReadonlyMap<string, string>,
  disclosed: ReadonlyMap<number, RecomputedEvent>,
  divergences: readonly Divergence[],
): AuditEvent {
  const step = flow.steps[log.step];
  const found = disclosed.get(log.sequence);
  const fields = (found?.content?.event ?? {}) as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  return {
    sequence: log.sequence,
    step: step?.step ?? null,
    title: step?.title ?? `unplanned step ${log.step}`,
    custody: step?.custody ?? null,
    participantId: participant?.participantId ?? null,
    participantGln: names.get(participant?.participantId ?? "") ?? null,
    signer,
    occurredAt: log.occurredAt,
    recordedAt: log.recordedAt,
    commitment: log.commitment,
    head: log.head,
    exceptions: exceptionsExpected,
    disclosed:
      found === undefined || found.content === null
        ? null
        : {
            eventId: isPartlyShown(found.disclosed) ? found.disclosed.commitment : found.disclosed.eventId,
            eventType: found.content.event.type,
            bizStep: text(fields["bizStep"]),
            disposition: text(fields["disposition"]),
            readPoint: text((fields["readPoint"] as { id?: unknown } | undefined)?.id),
            eventTime: found.content.event.eventTime,
            recordTime: found.disclosed.recordTime,
            capturedBy: found.disclosed.capturedBy,
          },
    divergences: divergences.filter((divergence) => divergence.sequence === log.sequence),
  };
}

/** GLNs and GIAIs by the ledger id that each hashes to: a name in the report is always that of the id. */
function disclosedNames({ events, segments }: Disclosure): Map<string, string> {
  const glns = new Set(events.flatMap(({ capturedByGln }) => (typeof capturedByGln === "string" ? [capturedByGln] : [])));
  const giais = new Set(segments.map(({ giai }) => giai));
  return new Map([
    ...[...glns].map((gln) => [participantIdOf(gln), gln] as const),
    ...[...giais].map((giai) => [deviceIdOf(giai), giai] as const),
  ]);
}

function auditProofs(history: JourneyHistory, names: ReadonlyMap<string, string>): AuditProof[] {
  return history.flow.legs.map(({ leg }, number) => {
    const record = history.legs.get(number) ?? NO_LEG;
    const device = record.assignment === null ? null : history.registry.device(record.assignment.deviceId);
    return {
      leg,
      deviceId: record.assignment?.deviceId ?? null,
      giai: names.get(record.assignment?.deviceId ?? "") ?? null,
      attestation: device?.attestation ?? null,
      ...legCoverage(history.flow, number, record, history.state.recordedSteps),
      segments: record.segments.map((segment) => ({
        number: segment.number,
        from: segment.from,
        to: segment.to,
        readingsCommitment: segment.readingsCommitment.toString(),
        transactionHash: segment.transactionHash,
      })),
      acceptances: record.acceptances.map(({ number, from, to, exceptionNumber }) => ({ number, from, to, exceptionNumber })),
    };
  });
}
