import { EXCEPTION_STAGES } from "../../model/custody/exception-lifecycle.ts";
import { EXCEPTION_CATALOGUE, catalogueEntry } from "../../model/custody/exceptions.ts";
import { wordNumber } from "../abi-words.ts";
import { openHolding } from "../journey-history.ts";
import { counted } from "./check.ts";
import type { Check, CheckContext } from "./check.ts";
import { transitionBlockTimes, transitionProblems } from "./exception-transitions.ts";

/** Place of `stage` in `IExceptionRegister.ExceptionRecord`. */
const STAGE_WORD = 3;

/**
 * No critical or major exception holds, none is missing, each has the catalogue's class, and each transition was signed
 * by whom it had to be.
 */
export const exceptionsCheck: Check = {
  name: "exceptions",
  async run(context) {
    const { exceptions } = context.history;
    const open = openHolding(exceptions);
    const problems = open.map(
      ({ log, class: exceptionClass, state }) => `exception ${log.number}, ${log.code} (${exceptionClass}), is ${state.stage}`,
    );
    exceptions.forEach(({ log, class: exceptionClass }, index) => {
      if (log.number !== index) problems.push(`exception ${index} is missing: the log has number ${log.number} there`);
      const catalogued = catalogueEntry(log.code).class;
      if (Object.hasOwn(EXCEPTION_CATALOGUE, log.code) && catalogued !== exceptionClass)
        problems.push(`exception ${log.number}, ${log.code}, is classed ${exceptionClass}; the catalogue says ${catalogued}`);
    });
    const blockTimes = await transitionBlockTimes(context);
    for (const exception of exceptions)
      for (const problem of transitionProblems(context.history, exception, blockTimes))
        problems.push(`exception ${exception.log.number}: ${problem}`);
    problems.push(...(await registerProblems(context, open.length)));
    const approved = exceptions.filter(({ state }) => state.outcome !== null).length;
    const detail = `${counted(exceptions.length, "exception")}, ${approved} resolved or accepted by two persons, none that holds a release`;
    return { problems, detail };
  },
};

/** The register's own word on each exception is what its logs say. */
async function registerProblems({ read, addresses, history }: CheckContext, open: number): Promise<string[]> {
  const { exceptions, journeyId } = history;
  const address = addresses.exceptionRegister;
  const [count = "0x", holding = "0x", ...records] = await read([
    { address, signature: "count(bytes32)", parameters: [BigInt(journeyId)] },
    { address, signature: "openHolding(bytes32)", parameters: [BigInt(journeyId)] },
    ...exceptions.map(({ log }) => ({
      address,
      signature: "exceptionAt(bytes32,uint32)",
      parameters: [BigInt(journeyId), log.number],
    })),
  ]);
  const problems: string[] = [];
  if (wordNumber(count, 0) !== exceptions.length)
    problems.push(`the ledger counts ${wordNumber(count, 0)} exceptions, the logs hold ${exceptions.length}`);
  if (wordNumber(holding, 0) !== open)
    problems.push(`the ledger counts ${wordNumber(holding, 0)} holding exceptions, the logs hold ${open}`);
  exceptions.forEach(({ log, state }, index) => {
    const stage = EXCEPTION_STAGES[wordNumber(records[index] ?? "0x", STAGE_WORD)];
    if (stage !== state.stage) problems.push(`exception ${log.number} is ${stage} on the ledger, ${state.stage} by its logs`);
  });
  return problems;
}
