import { wordBytes32, wordNumber } from "../abi-words.ts";
import { counted } from "./check.ts";
import type { Check } from "./check.ts";

/** Every head follows from the one before, no sequence is missing, and the last head is the ledger's. */
export const hashChainCheck: Check = {
  name: "hash-chain",
  async run({ rpc, read, addresses, history }) {
    const { events, opened, journeyId } = history;
    const problems: string[] = [];
    if (opened.head !== history.firstHead) problems.push("the first head does not follow from journey, flow and identity");
    for (const { log, sequenceExpected, headExpected } of events) {
      if (log.sequence !== sequenceExpected) problems.push(`event ${sequenceExpected} is missing: the log has ${log.sequence} there`);
      if (log.head !== headExpected) problems.push(`the head after event ${log.sequence} does not follow from the one before`);
    }
    const blocks = [...new Set(events.map(({ log }) => log.blockNumber))];
    const times = await blockTimes(rpc, blocks);
    for (const { log } of events)
      if (times.get(log.blockNumber) !== log.recordedAt) problems.push(`event ${log.sequence} is not dated by its block`);
    const parameters = [BigInt(journeyId)];
    const [head = "0x", journey = "0x"] = await read([
      { address: addresses.custodyLedger, signature: "head(bytes32)", parameters },
      { address: addresses.custodyLedger, signature: "journey(bytes32)", parameters },
    ]);
    if (wordBytes32(head, 0) !== history.head)
      problems.push(`the ledger's head is ${wordBytes32(head, 0)}, the logs end at ${history.head}`);
    if (wordNumber(journey, 1) !== events.length)
      problems.push(`the ledger counts ${wordNumber(journey, 1)} events, the logs hold ${events.length}`);
    return { problems, detail: `${counted(events.length, "event")}, head ${history.head}` };
  },
};

async function blockTimes(rpc: Parameters<Check["run"]>[0]["rpc"], blocks: number[]): Promise<Map<number, number>> {
  const found = await rpc.callAll<{ timestamp: string }>(
    "eth_getBlockByNumber",
    blocks.map((block) => [`0x${block.toString(16)}`, false]),
  );
  return new Map(blocks.map((block, index) => [block, Number.parseInt(found[index]?.timestamp ?? "", 16)]));
}
