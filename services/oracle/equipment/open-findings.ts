import type { LedgerClient } from "../../ledger/client.ts";
import type { EquipmentCode } from "../../model/custody/index.ts";
import { askLedger } from "../journeys/ask-ledger.ts";

/** What of a leg's shippers and lanes the ledger holds open, and how many shippers were assigned to it. */
export async function openFindings(
  ledger: LedgerClient,
  journeyId: string,
  leg: number,
): Promise<{ assignments: number; open: EquipmentCode[] }> {
  const [shippers, lanes, assigned] = (await askLedger(() => ledger.read("equipmentRegistry", "openFindings", [journeyId, leg]))) as unknown as [boolean, boolean, bigint];
  return { assignments: Number(assigned), open: [...(shippers ? ["shipper-not-qualified" as const] : []), ...(lanes ? ["lane-not-qualified" as const] : [])] };
}
