import { TypedDataEncoder, getBytes, id } from "ethers";
import { EXCEPTION_CATALOGUE } from "../../model/custody/exceptions.ts";
import { bitmapToRoles } from "../../model/custody/roles.ts";
import { EXCEPTION_RESOLUTION_TYPES, threadlineDomain } from "../../model/custody/typed-data.ts";
import { dynamicBytes, wordBytes32, wordNumber } from "../abi-words.ts";
import type { HistoryException } from "../history.ts";
import { openHolding } from "../journey-history.ts";
import { recoverBytesSignature } from "../signature-bytes.ts";
import { counted } from "./check.ts";
import type { Check, CheckContext } from "./check.ts";

const RESOLVE_SELECTOR = id("resolve(bytes32,uint32,bytes32,bytes)").slice(0, 10);

/** No critical or major exception is open, none is missing, and each resolution was signed by a qualified person. */
export const exceptionsCheck: Check = {
  name: "exceptions",
  async run(context) {
    const { read, addresses, history } = context;
    const { exceptions, journeyId } = history;
    const open = openHolding(exceptions);
    const problems = open.map(({ log, class: exceptionClass }) => `exception ${log.number}, ${log.code} (${exceptionClass}), is open`);
    exceptions.forEach(({ log, class: exceptionClass }, index) => {
      if (log.number !== index) problems.push(`exception ${index} is missing: the log has number ${log.number} there`);
      const catalogued = (EXCEPTION_CATALOGUE as Record<string, string>)[log.code];
      if (catalogued !== undefined && catalogued !== exceptionClass)
        problems.push(`exception ${log.number}, ${log.code}, is classed ${exceptionClass}; the catalogue says ${catalogued}`);
    });
    for (const exception of exceptions) {
      const problem = await resolutionProblem(context, exception);
      if (problem !== null) problems.push(`exception ${exception.log.number}: ${problem}`);
    }
    const parameters = [BigInt(journeyId)];
    const [count = "0x", holding = "0x"] = await read([
      { address: addresses.exceptionRegister, signature: "count(bytes32)", parameters },
      { address: addresses.exceptionRegister, signature: "openHolding(bytes32)", parameters },
    ]);
    if (wordNumber(count, 0) !== exceptions.length)
      problems.push(`the ledger counts ${wordNumber(count, 0)} exceptions, the logs hold ${exceptions.length}`);
    if (wordNumber(holding, 0) !== open.length)
      problems.push(`the ledger counts ${wordNumber(holding, 0)} open holding exceptions, the logs hold ${open.length}`);
    const resolved = exceptions.filter((exception) => exception.resolved !== null).length;
    return { problems, detail: `${counted(exceptions.length, "exception")}, ${resolved} resolved, none open that holds a release` };
  },
};

/** The register's log of a resolution has no signature: it is read from the transaction and recovered here. */
async function resolutionProblem(context: CheckContext, { log, resolved }: HistoryException): Promise<string | null> {
  if (resolved === null) return null;
  const { rpc, addresses, history } = context;
  const hash = resolved.log.transactionHash;
  const transaction = await rpc.call<{ to: string | null; input: string } | null>("eth_getTransactionByHash", [hash]);
  const isDirect = transaction?.to?.toLowerCase() === addresses.exceptionRegister.toLowerCase();
  if (!isDirect || !transaction.input.startsWith(RESOLVE_SELECTOR))
    return `the resolution's signature cannot be read: transaction ${hash} is no direct call of resolve`;
  const data = `0x${transaction.input.slice(10)}`;
  const { journeyId } = history;
  const { justificationHash } = resolved.log;
  const isOfThis =
    wordBytes32(data, 0) === journeyId &&
    wordNumber(data, 1) === log.number &&
    wordBytes32(data, 2) === justificationHash;
  if (!isOfThis) return "the transaction that resolved it is about something else";
  const domain = threadlineDomain(history.chainLog.chainId, addresses.exceptionRegister);
  const resolution = { journeyId, number: log.number, justificationHash };
  const digest = TypedDataEncoder.hash(domain, EXCEPTION_RESOLUTION_TYPES, resolution);
  const signer = recoverBytesSignature(history.recovery, getBytes(digest), dynamicBytes(data, 3));
  const participant = signer === null ? null : resolved.activeSigner(signer);
  if (participant === null || participant.index !== resolved.log.participant)
    return "its resolution is not signed by the participant named";
  const isQualified = bitmapToRoles(participant.roles).includes("qualified-person");
  return isQualified ? null : "its resolution is not signed by a qualified person";
}
