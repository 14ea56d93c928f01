import { TypedDataEncoder, getBytes } from "ethers";
import { isFreshSignature } from "../../model/custody/signing-time.ts";
import { bitmapToRoles } from "../../model/custody/roles.ts";
import { IDENTITY_CHECK_TYPES, threadlineDomain } from "../../model/custody/typed-data.ts";
import { FIELD_ORDER } from "../../model/field.ts";
import { identityLinkContext } from "../../model/identity/identity-link.ts";
import type { HistoryIdentityCheck, JourneyHistory } from "../history.ts";
import { decodeIdentityCheck } from "../identity-calldata.ts";
import { recoverBytesSignature } from "../signature-bytes.ts";
import { verifyProof } from "../verify-proof.ts";
import { counted } from "./check.ts";
import type { Check, CheckContext } from "./check.ts";

/** Each identity check has a proof that the local key accepts, and the signature of a person with a duty of the step. */
export const identityCheck: Check = {
  name: "identity",
  async run(context) {
    const { identityChecks, flow } = context.history;
    const problems: string[] = [];
    for (const [index, check] of identityChecks.entries()) {
      const found = [
        ...signatureProblems(context.history, check),
        ...(await proofProblems(context, check)),
        ...numberProblems(context.history, index),
      ];
      const step = flow.steps[check.log.step]?.step ?? String(check.log.step);
      problems.push(...found.map((problem) => `identity check ${index} at step ${step}: ${problem}`));
    }
    return { problems, detail: `${counted(identityChecks.length, "identity check")} proven and signed` };
  },
};

function signatureProblems(history: JourneyHistory, { log, participant }: HistoryIdentityCheck): string[] {
  const { journeyId, flow, chainLog, addresses, recovery } = history;
  const { step, linkedCommitment, signedAt } = log;
  const definition = flow.steps[step];
  if (definition === undefined) return [`the flow has no step ${step}`];
  const problems: string[] = [];
  const domain = threadlineDomain(chainLog.chainId, addresses.identityChecks);
  const digest = TypedDataEncoder.hash(domain, IDENTITY_CHECK_TYPES, { journeyId, step, linkedCommitment, signedAt });
  if (recoverBytesSignature(recovery, getBytes(digest), log.signature) !== log.signer)
    problems.push("the signature is not the signer's");
  if (participant === null || participant.index !== log.participant)
    problems.push(`${log.signer} was no active account of participant ${log.participant}`);
  else if (!bitmapToRoles(participant.roles).some((role) => definition.roles.includes(role)))
    problems.push(`the signer has none of the duties ${definition.roles.join(", ")}`);
  return problems;
}

async function proofProblems({ rpc, history, addresses, verificationKeys }: CheckContext, { log }: HistoryIdentityCheck): Promise<string[]> {
  const { journeyId, chainLog, opened } = history;
  const [transaction] = await rpc.callAll<{ to: string | null; input: string; blockNumber: string } | null>("eth_getTransactionByHash", [
    [log.transactionHash],
  ]);
  if (transaction?.to?.toLowerCase() !== addresses.identityChecks.toLowerCase())
    return ["its transaction was not sent to the identity checks: the proof cannot be read"];
  const submitted = decodeIdentityCheck(transaction.input);
  if (submitted.journeyId !== journeyId || submitted.step !== log.step || submitted.linkedCommitment !== log.linkedCommitment)
    return ["its transaction submits another check"];
  const contract = addresses.identityChecks;
  const signals = [
    identityLinkContext({ chainId: chainLog.chainId, contract, journeyId, step: log.step }),
    BigInt(opened.identityCommitment),
    log.linkedCommitment,
  ];
  if (signals.some((signal) => signal >= FIELD_ORDER)) return ["a public signal is not below the field's order"];
  const block = await rpc.call<{ timestamp: string }>("eth_getBlockByNumber", [transaction.blockNumber, false]);
  const late = isFreshSignature(log.signedAt, Number(block.timestamp)) ? [] : ["it was not signed within a day before its record"];
  const isProven = await verifyProof(verificationKeys["identity-link"], signals, submitted.proof);
  return isProven ? late : [...late, "the proof does not hold for the journey's identity and this step"];
}

/** A commitment is shown once, and the count of persons is that of different signers. */
function numberProblems({ identityChecks }: JourneyHistory, index: number): string[] {
  const { log } = identityChecks[index] as HistoryIdentityCheck;
  const before = identityChecks.slice(0, index);
  const problems = before.some((other) => other.log.linkedCommitment === log.linkedCommitment) ? ["its commitment was shown before"] : [];
  const signers = [...before.map((other) => other.log), log].filter(({ step }) => step === log.step).map(({ signer }) => signer);
  const persons = new Set(signers).size;
  return persons === log.persons ? problems : [...problems, `the ledger counts ${log.persons} persons, the logs hold ${persons}`];
}
