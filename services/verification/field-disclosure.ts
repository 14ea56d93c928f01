import { fieldDisclosureProblems, parseFieldDisclosure } from "../model/privacy/disclosure.ts";
import type { FieldDisclosure } from "../model/privacy/disclosure.ts";
import { parseAddresses } from "./addresses.ts";
import { readChainLog } from "./chain-log.ts";
import { requireCode } from "./checks/contracts.ts";
import type { HistoryEvent, JourneyHistory } from "./history.ts";
import { replayHistory } from "./journey-history.ts";
import { createHasher } from "./keccak.ts";
import { printable } from "./render.ts";
import { isoTime } from "./registry-state.ts";
import { createRpc } from "./rpc.ts";

export interface FieldDisclosureOptions {
  rpcUrl: string;
  addresses: unknown;
  /** The document, as `POST /journeys/{journeyId}/disclosures` answered it. */
  document: unknown;
}

export interface FieldDisclosureReport {
  verdict: "holds" | "does-not-hold" | "could-not-check";
  exitCode: 0 | 1 | 2;
  problems: string[];
  /** The custody event the ledger has under the commitment; null when there is none, or it could not be read. */
  event: { sequence: number; step: string | null; occurredAt: string; recordedAt: string; signer: string | null } | null;
  /** What is shown, as it was committed. */
  fields: { path: string; value: unknown }[];
}

/**
 * Checks fields shown of one event against the chain, with nothing else at hand: each is a leaf of a commitment that a
 * participant's active account signed and that the journey's hash chain holds. It never throws. Holds (exit code 0);
 * does not hold (1); could not be checked (2): the document or the chain cannot be read.
 */
export async function verifyFieldDisclosure(options: FieldDisclosureOptions): Promise<FieldDisclosureReport> {
  try {
    const document = parseFieldDisclosure(options.document);
    const history = await readHistory(options, document.journeyId);
    return judge(document, history);
  } catch (error) {
    const problems = [error instanceof Error ? error.message : String(error)];
    return { verdict: "could-not-check", exitCode: 2, problems, event: null, fields: [] };
  }
}

async function readHistory(options: FieldDisclosureOptions, journeyId: string): Promise<JourneyHistory> {
  const addresses = parseAddresses(options.addresses);
  const rpc = createRpc(options.rpcUrl);
  await requireCode(rpc, addresses);
  const chainLog = await readChainLog(rpc, addresses, journeyId);
  return replayHistory(await createHasher(), chainLog, addresses, journeyId);
}

function judge(document: FieldDisclosure, history: JourneyHistory): FieldDisclosureReport {
  const onLedger = history.events.find(({ log }) => log.commitment === document.commitment);
  const problems = [
    ...fieldDisclosureProblems(document, document.commitment),
    ...(onLedger === undefined
      ? [`the journey has no custody event under the commitment ${document.commitment}`]
      : ledgerProblems(history, onLedger)),
  ];
  const event =
    onLedger === undefined
      ? null
      : {
          sequence: onLedger.log.sequence,
          step: history.flow.steps[onLedger.log.step]?.step ?? null,
          occurredAt: isoTime(onLedger.log.occurredAt),
          recordedAt: isoTime(onLedger.log.recordedAt),
          signer: onLedger.signer,
        };
  const holds = problems.length === 0;
  const fields = holds ? document.leaves.map(({ path, value }) => ({ path, value: JSON.parse(value) as unknown })) : [];
  return { verdict: holds ? "holds" : "does-not-hold", exitCode: holds ? 0 : 1, problems, event, fields };
}

/** What keeps the ledger's own record from being trusted up to this event. */
function ledgerProblems(history: JourneyHistory, { log, participant }: HistoryEvent): string[] {
  const broken = history.events.find((event) => event.log.sequence <= log.sequence && event.log.head !== event.headExpected);
  return [
    ...(participant === null || participant.index !== log.participant
      ? [`event ${log.sequence} is not signed by an active account of the participant it names`]
      : []),
    ...(broken === undefined ? [] : [`the hash chain is broken at event ${broken.log.sequence}`]),
  ];
}

/** The report as plain text; ends with a newline. */
export function renderFieldDisclosure({ verdict, exitCode, problems, event, fields }: FieldDisclosureReport): string {
  const lines = [
    ...(event === null
      ? []
      : [`Event ${event.sequence}, ${event.step ?? "a step outside the flow"}, occurred ${event.occurredAt}, recorded ${event.recordedAt}`]),
    ...fields.map(({ path, value }) => `  ${printable(path)} = ${printable(JSON.stringify(value))}`),
    ...problems.map((problem) => `  ${printable(problem)}`),
    `Verdict: ${verdict.replaceAll("-", " ").toUpperCase()} (exit code ${exitCode})`,
    "",
  ];
  return lines.join("\n");
}
