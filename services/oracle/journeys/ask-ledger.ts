import { RpcError, RpcTransportError } from "../../ledger/json-rpc.ts";
import { problem } from "../http/problem.ts";

/** Asks the ledger about a journey. Throws a problem: 409 while the journey is not on it, 503 when it does not answer. */
export async function askLedger<Answer>(question: () => Promise<Answer>): Promise<Answer> {
  try {
    return await question();
  } catch (error) {
    if (error instanceof RpcError) throw problem(409, "not-recorded-yet", "the journey is not on the ledger yet; ask again once it is recorded");
    if (error instanceof RpcTransportError) throw problem(503, "ledger-unreachable", "the ledger does not answer; ask again later");
    throw error;
  }
}
