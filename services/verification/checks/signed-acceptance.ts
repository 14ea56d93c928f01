import { TypedDataEncoder, getBytes } from "ethers";
import type { TypedDataField } from "ethers";
import { bitmapToRoles } from "../../model/custody/roles.ts";
import { isFreshSignature } from "../../model/custody/signing-time.ts";
import { threadlineDomain } from "../../model/custody/typed-data.ts";
import type { AcceptedException } from "../disposition-history.ts";
import type { JourneyHistory } from "../history.ts";
import type { ParticipantState } from "../registry-state.ts";
import type { Rpc } from "../rpc.ts";
import { recoverBytesSignature } from "../signature-bytes.ts";

/** What every acceptance by a qualified person has in its log. */
interface AcceptanceLog {
  leg: number;
  exceptionNumber: number;
  participant: number;
  signer: string;
  signedAt: number;
  signature: string;
}

interface SignedAcceptance {
  log: AcceptanceLog;
  participant: ParticipantState | null;
  exception: AcceptedException | null;
  contract: string;
  types: Record<string, TypedDataField[]>;
  /** Everything signed. */
  value: Record<string, unknown>;
  recordedAt: number;
}

/** What is wrong with who signed an acceptance, and with the exception it names. */
export function signedAcceptanceProblems(history: JourneyHistory, acceptance: SignedAcceptance): string[] {
  const { log, participant, exception, contract, types, value, recordedAt } = acceptance;
  const problems: string[] = [];
  const digest = getBytes(TypedDataEncoder.hash(threadlineDomain(history.chainLog.chainId, contract), types, value));
  if (recoverBytesSignature(history.recovery, digest, log.signature) !== log.signer) problems.push("the signature is not the signer's");
  if (participant === null || participant.index !== log.participant)
    problems.push(`${log.signer} was no active account of participant ${log.participant}`);
  else if (!bitmapToRoles(participant.roles).includes("qualified-person")) problems.push("the signer is no qualified person");
  if (!isFreshSignature(log.signedAt, recordedAt)) problems.push("it was not signed within a day before its record");
  if (exception === null) problems.push(`there is no exception ${log.exceptionNumber}`);
  else if (exception.leg !== log.leg + 1) problems.push(`exception ${log.exceptionNumber} is not one of this leg`);
  else if (!exception.isAccepted) problems.push(`exception ${log.exceptionNumber} was not accepted with a justification`);
  return problems;
}

/** When each block was made, Unix seconds; NaN for one the node does not have. */
export async function blockTimes(rpc: Rpc, numbers: readonly number[]): Promise<(block: number) => number> {
  const blocks = [...new Set(numbers)];
  const answers = await rpc.callAll<{ timestamp: string } | null>(
    "eth_getBlockByNumber",
    blocks.map((block) => [`0x${block.toString(16)}`, false]),
  );
  const times = new Map(blocks.map((block, index) => [block, Number.parseInt(answers[index]?.timestamp ?? "", 16)]));
  return (block) => times.get(block) ?? Number.NaN;
}
