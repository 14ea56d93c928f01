import type { LedgerAddresses } from "../addresses.ts";
import type { ContractReader } from "../contract-reads.ts";
import type { JourneyHistory } from "../history.ts";
import type { Rpc } from "../rpc.ts";
import type { VerificationKeys } from "../verification-key.ts";

/** What every check may look at: the node, and the history replayed from its logs. */
export interface CheckContext {
  rpc: Rpc;
  read: ContractReader;
  addresses: LedgerAddresses;
  verificationKeys: VerificationKeys;
  history: JourneyHistory;
}

/** What a check found. No problem means that it passes; `detail` says in a few words what was looked at. */
export interface CheckOutcome {
  problems: string[];
  detail: string;
}

export interface Check {
  name: string;
  run(context: CheckContext): Promise<CheckOutcome>;
}

/** "3 segments", "1 segment". */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
