import type { Interface, LogDescription } from "ethers";

interface SentTransaction {
  wait(): Promise<{ logs: readonly { topics: readonly string[]; data: string }[] } | null>;
}

/** The events of one contract interface that a transaction emitted, in order, as `[name, ...arguments]`. */
export async function eventsOf(contract: { interface: Interface }, sent: Promise<SentTransaction>): Promise<unknown[][]> {
  const receipt = await (await sent).wait();
  return (receipt?.logs ?? [])
    .map((log) => contract.interface.parseLog(log))
    .filter((event): event is LogDescription => event !== null)
    .map((event) => [event.name, ...event.args.toArray()]);
}
