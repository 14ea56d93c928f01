import { JsonRpcProvider, id } from "ethers";
import { measurement } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import { startBenchNetwork, until } from "./bench-network.ts";
import type { BenchNetwork } from "./bench-network.ts";

const JOURNEYS = 20;
const EVENTS_PER_RUN = 1_500;
const RUNS = 3;
const CLIENTS = 48;

/** Custody events from POST /capture to their record on the ledger, many clients at once, one event a document. */
export async function benchCustody(): Promise<Measurement[]> {
  const bench = await startBenchNetwork();
  try {
    const journeys = await Promise.all(Array.from({ length: JOURNEYS }, (_, number) => bench.openJourney(number)));
    const rates: number[] = [];
    let mark = 0;
    await until("the journeys on the ledger", async () => (await pendingOperations(bench)) === 0, 50);
    const setUp = await recordedOperations(bench);
    for (let run = 0; run < RUNS; run++) {
      const documents = Array.from({ length: EVENTS_PER_RUN }, () => {
        mark += 1;
        return bench.document(journeys[mark % JOURNEYS]?.chainOfIdentity ?? "", "check", 1_780_000_000 + mark, mark);
      });
      const started = performance.now();
      await Promise.all(
        Array.from({ length: CLIENTS }, async () => {
          for (let next = documents.pop(); next !== undefined; next = documents.pop()) await bench.courier.must(bench.courier.post("/capture", next));
        }),
      );
      await until(`${mark} events on the ledger`, async () => (await recordedOperations(bench)) >= setUp + mark, 50);
      rates.push(EVENTS_PER_RUN / ((performance.now() - started) / 1000));
    }
    const gas = await gasPerLog(bench.network.rpcUrl, bench.network.addresses["custodyLedger"] ?? "", CUSTODY_EVENT_TOPIC);
    return [
      measurement("custody-events-per-second", `HTTP to ledger receipt, ${CLIENTS} clients, one event a document`, "events/s", rates, { atLeast: 300 }),
      measurement("gas-per-custody-event", "relayed in the batches the run above made", "gas", [gas], { atMost: 50_000 }),
    ];
  } finally {
    await bench.close();
  }
}

const CUSTODY_EVENT_TOPIC = id("CustodyEventRecorded(bytes32,uint32,uint32,bytes32,uint8,uint40,uint40,bytes32,bytes32,bytes32)");

/** Only the indexer marks an operation as recorded, once the chain has it. */
function recordedOperations(bench: BenchNetwork): Promise<number> {
  return operations(bench, "recorded");
}

async function pendingOperations(bench: BenchNetwork): Promise<number> {
  return (await operations(bench, "pending")) + (await operations(bench, "submitted"));
}

async function operations({ network }: BenchNetwork, status: string): Promise<number> {
  const metrics = await (await fetch(`${network.httpUrl}/metrics`)).text();
  return Number(new RegExp(`^threadline_ledger_operations\\{status="${status}"\\} (\\d+)`, "m").exec(metrics)?.[1] ?? 0);
}

/** Gas of every transaction that wrote such logs, divided by the logs. */
export async function gasPerLog(rpcUrl: string, address: string, topic: string): Promise<number> {
  const provider = new JsonRpcProvider(rpcUrl);
  try {
    const logs = await provider.getLogs({ address, topics: [topic], fromBlock: 0 });
    let gas = 0n;
    for (const hash of new Set(logs.map((log) => log.transactionHash))) gas += (await provider.getTransactionReceipt(hash))?.gasUsed ?? 0n;
    return Number(gas) / logs.length;
  } finally {
    provider.destroy();
  }
}
