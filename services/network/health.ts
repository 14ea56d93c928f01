import { connect } from "node:net";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { LedgerClient } from "../ledger/index.ts";
import type { ProverPool } from "../proving/prover/prover-pool.ts";
import type { Database } from "../store/schema.ts";
import { checkVerifiers } from "./verifier-check.ts";
import { loopHealth, proofHealth } from "./work-health.ts";
import type { BackgroundWork } from "./work-health.ts";

export interface PartHealth {
  ok: boolean;
  [fact: string]: unknown;
}

const ANSWER_MILLISECONDS = 2_000;

/** What an operator asks first: are the parts up, are the artefacts the locked ones, do the keys match the chain. */
export async function healthReport(parts: {
  database: Kysely<Database>;
  ledger: LedgerClient;
  prover: Pick<ProverPool, "failure" | "workers">;
  work: BackgroundWork;
  brokerUrl: string;
  addresses: Record<string, string>;
}): Promise<{ ok: boolean; parts: Record<string, PartHealth> }> {
  const [database, chain, broker, artefacts, webhooks, provers] = await Promise.all([
    answer(async () => {
      await sql`select 1`.execute(parts.database);
      return {};
    }),
    answer(async () => ({ chainId: parts.ledger.chainId.toString(), blockNumber: await parts.ledger.provider.getBlockNumber() })),
    answer(() => reach(parts.brokerUrl)),
    answer(() => checkVerifiers(parts.ledger, parts.addresses)),
    answer(() => webhookCounts(parts.database)),
    proverHealth(parts.prover),
  ]);
  const loops = loopHealth(parts.work.failures());
  const report = { database, chain, broker, artefacts, webhooks, provers, loops, proofs: proofHealth(parts.work.queues) };
  return { ok: Object.values(report).every((part) => part.ok), parts: report };
}

/** Not well while no process can start; they are started again meanwhile, ever slower. */
export function proverHealth(prover: Pick<ProverPool, "failure" | "workers">): PartHealth {
  const failure = prover.failure();
  if (failure !== null) return { ok: false, problem: `no prover process can start; the last one said: ${failure}` };
  const processes = prover.workers();
  return { ok: true, processes: processes.length, ready: processes.filter(({ ready }) => ready).length };
}

/** A receiver that fails is no fault of this node: it is counted, not complained of. */
async function webhookCounts(database: Kysely<Database>): Promise<Record<string, unknown>> {
  const { active, disabled } = await database
    .selectFrom("webhooks")
    .select((select) => [
      select.fn.countAll<number>().filterWhere("active", "=", true).as("active"),
      select.fn.countAll<number>().filterWhere("active", "=", false).as("disabled"),
    ])
    .executeTakeFirstOrThrow();
  const { pending, oldest } = await database
    .selectFrom("webhook_deliveries")
    .select((select) => [
      select.fn.countAll<number>().as("pending"),
      select.fn.min<number | null>("created_at_milliseconds").as("oldest"),
    ])
    .where("status", "=", "pending")
    .executeTakeFirstOrThrow();
  return {
    active: Number(active),
    disabled: Number(disabled),
    pendingDeliveries: Number(pending),
    oldestPendingSeconds: oldest === null ? 0 : Math.floor((Date.now() - Number(oldest)) / 1000),
  };
}

async function answer(question: () => Promise<Record<string, unknown>>): Promise<PartHealth> {
  try {
    const timeout = new Promise<never>((_, reject) =>
      setTimeout(() => reject(new Error(`no answer within ${ANSWER_MILLISECONDS} ms`)), ANSWER_MILLISECONDS).unref(),
    );
    return { ok: true, ...(await Promise.race([question(), timeout])) };
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

function reach(brokerUrl: string): Promise<Record<string, unknown>> {
  const { hostname, port, protocol } = new URL(brokerUrl);
  // Said without the credentials a broker's URL may hold: anyone may ask for the health.
  const url = `${protocol}//${hostname}${port === "" ? "" : `:${port}`}`;
  const standardPort = protocol === "mqtts:" ? 8883 : 1883;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: port === "" ? standardPort : Number(port) }, () => {
      socket.destroy();
      resolve({ url });
    });
    socket.once("error", reject);
  });
}
