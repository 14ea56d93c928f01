import { ThreadlineError } from "../model/errors.ts";
import { parseAddresses } from "./addresses.ts";
import { readChainLog } from "./chain-log.ts";
import { catalogueCheck } from "./checks/catalogue.ts";
import type { Check, CheckContext } from "./checks/check.ts";
import { batchCheck } from "./checks/batch.ts";
import { completionCheck } from "./checks/completion.ts";
import { checkContracts, requireCode } from "./checks/contracts.ts";
import { coverageCheck } from "./checks/coverage.ts";
import { custodyRulesCheck } from "./checks/custody-rules.ts";
import { devicesCheck } from "./checks/devices.ts";
import { equipmentCheck } from "./checks/equipment.ts";
import { dispositionsCheck } from "./checks/dispositions.ts";
import { exceptionsCheck } from "./checks/exceptions.ts";
import { flowCheck } from "./checks/flow.ts";
import { hashChainCheck } from "./checks/hash-chain.ts";
import { identityCheck } from "./checks/identity.ts";
import { releasesCheck } from "./checks/releases.ts";
import { segmentProofsCheck } from "./checks/segment-proofs.ts";
import { signaturesCheck } from "./checks/signatures.ts";
import { verifyingKeyCheck } from "./checks/verifying-key.ts";
import { createContractReader } from "./contract-reads.ts";
import { replayHistory } from "./journey-history.ts";
import { createHasher } from "./keccak.ts";
import { createRpc } from "./rpc.ts";
import type { Rpc } from "./rpc.ts";
import { readShippedVerificationKeys } from "./verification-key.ts";
import type { VerificationKeys } from "./verification-key.ts";
import { usingCurve } from "./verify-proof.ts";

export interface VerifyOptions {
  rpcUrl: string;
  /** Answers in place of what is at `rpcUrl`, as an archive's record of the chain does. */
  rpc?: Rpc;
  /** The ledger's contracts, see `ledgerAddressesSchema`; other names are ignored. */
  addresses: unknown;
  journeyId: string;
  /** First block to read; the contracts' deployment or earlier. */
  fromBlock?: number;
  /** Default, for each circuit: the key shipped with the project. */
  verificationKeys?: Partial<VerificationKeys>;
}

export type CheckStatus = "pass" | "fail" | "error";

export interface CheckResult {
  name: string;
  status: CheckStatus;
  detail: string;
  /** What was found wrong, one by one. */
  problems: string[];
}

export interface VerifyReport {
  journeyId: string;
  verdict: "compliant" | "not-compliant" | "could-not-check";
  exitCode: 0 | 1 | 2;
  checks: CheckResult[];
  /** What the report is about; null when the chain could not be read. */
  summary: VerifySummary | null;
}

export interface VerifySummary {
  chainId: string;
  headBlock: number;
  flow: string;
  events: number;
  proofs: number;
  exceptions: { number: number; code: string; class: string; leg: number | null; stage: string; resolved: boolean }[];
  releases: string[];
}

const JOURNEY_CHECKS: Check[] = [
  { name: "contracts", run: ({ read, addresses }) => checkContracts(read, addresses) },
  verifyingKeyCheck,
  flowCheck,
  hashChainCheck,
  signaturesCheck,
  custodyRulesCheck,
  segmentProofsCheck,
  coverageCheck,
  devicesCheck,
  identityCheck,
  equipmentCheck,
  catalogueCheck,
  exceptionsCheck,
  dispositionsCheck,
  batchCheck,
  releasesCheck,
  completionCheck,
];

/**
 * The regulator's check of one journey, from nothing but a JSON-RPC URL and contract addresses. It never throws: what
 * keeps it from checking is in the report. Compliant (exit code 0): every check passes, so all that is recorded is as
 * signed and proven, no critical or major exception is open, and every gate of the flow is released. Not compliant (1):
 * a check fails, also for a journey still under way. Could not check (2): nothing failed, but something could not be read.
 */
export function verifyJourney(options: VerifyOptions): Promise<VerifyReport> {
  return usingCurve(() => runChecks(options));
}

async function runChecks(options: VerifyOptions): Promise<VerifyReport> {
  const { journeyId } = options;
  try {
    const context = await openContext(options);
    const checks: CheckResult[] = [];
    for (const check of JOURNEY_CHECKS) checks.push(await runCheck(check, context));
    return { journeyId, ...verdictOf(checks), checks, summary: summaryOf(context) };
  } catch (error) {
    const checks: CheckResult[] = [{ name: "chain", status: "error", detail: messageOf(error), problems: [messageOf(error)] }];
    return { journeyId, ...verdictOf(checks), checks, summary: null };
  }
}

async function openContext(options: VerifyOptions): Promise<CheckContext> {
  const journeyId = parseJourneyId(options.journeyId);
  const addresses = parseAddresses(options.addresses);
  const verificationKeys = { ...(await readShippedVerificationKeys()), ...options.verificationKeys };
  const rpc = options.rpc ?? createRpc(options.rpcUrl);
  await requireCode(rpc, addresses);
  const chainLog = await readChainLog(rpc, addresses, journeyId, options.fromBlock);
  const history = replayHistory(await createHasher(), chainLog, addresses, journeyId);
  return { rpc, read: createContractReader(rpc, chainLog.headBlock), addresses, verificationKeys, history };
}

/** Lower-case journey id; throws ThreadlineError `journey-id-invalid`. */
export function parseJourneyId(journeyId: string): string {
  if (/^0x[0-9a-fA-F]{64}$/.test(journeyId)) return journeyId.toLowerCase();
  throw new ThreadlineError("journey-id-invalid", `"${journeyId}" is no journey id: give 0x and 64 hex digits`, { journeyId });
}

async function runCheck(check: Check, context: CheckContext): Promise<CheckResult> {
  try {
    const { problems, detail } = await check.run(context);
    if (problems.length === 0) return { name: check.name, status: "pass", detail, problems };
    return { name: check.name, status: "fail", detail: problems.join("; "), problems };
  } catch (error) {
    return { name: check.name, status: "error", detail: messageOf(error), problems: [messageOf(error)] };
  }
}

function verdictOf(checks: readonly CheckResult[]): Pick<VerifyReport, "verdict" | "exitCode"> {
  if (checks.some(({ status }) => status === "fail")) return { verdict: "not-compliant", exitCode: 1 };
  if (checks.some(({ status }) => status === "error")) return { verdict: "could-not-check", exitCode: 2 };
  return { verdict: "compliant", exitCode: 0 };
}

function summaryOf({ history }: CheckContext): VerifySummary {
  const { flow, chainLog } = history;
  return {
    chainId: chainLog.chainId.toString(),
    headBlock: chainLog.headBlock,
    flow: `${flow.name} version ${flow.version}`,
    events: history.events.length,
    proofs: [...history.legs.values()].reduce((count, leg) => count + leg.segments.length, 0),
    exceptions: history.exceptions.map(({ log, class: exceptionClass, state }) => ({
      number: log.number,
      code: log.code,
      class: exceptionClass,
      leg: log.leg === 0 ? null : log.leg - 1,
      stage: state.stage,
      resolved: state.outcome !== null,
    })),
    releases: history.releases.map(({ log }) => flow.gates[log.gate]?.gate ?? String(log.gate)),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
