import { connect } from "node:net";
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { LedgerClient } from "../ledger/index.ts";
import type { Database } from "../store/schema.ts";
import { checkVerifiers } from "./verifier-check.ts";

export interface PartHealth {
  ok: boolean;
  [fact: string]: unknown;
}

const ANSWER_MILLISECONDS = 2_000;

/** What an operator asks first: are the parts up, are the artefacts the locked ones, do the keys match the chain. */
export async function healthReport(parts: {
  database: Kysely<Database>;
  ledger: LedgerClient;
  brokerUrl: string;
  addresses: Record<string, string>;
}): Promise<{ ok: boolean; parts: Record<string, PartHealth> }> {
  const [database, chain, broker, artefacts] = await Promise.all([
    answer(async () => {
      await sql`select 1`.execute(parts.database);
      return {};
    }),
    answer(async () => ({ chainId: parts.ledger.chainId.toString(), blockNumber: await parts.ledger.provider.getBlockNumber() })),
    answer(() => reach(parts.brokerUrl)),
    answer(() => checkVerifiers(parts.ledger, parts.addresses)),
  ]);
  const report = { database, chain, broker, artefacts };
  return { ok: Object.values(report).every((part) => part.ok), parts: report };
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
