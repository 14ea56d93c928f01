import type { Kysely } from "kysely";
import { specificationSchema } from "../../model/quality/index.ts";
import type { Specification } from "../../model/quality/index.ts";
import { specificationNumber } from "../../model/custody/index.ts";
import type { LedgerClient } from "../../ledger/client.ts";
import type { Database } from "../../store/schema.ts";
import { problem } from "../http/problem.ts";
import type { Journey } from "../journeys/visible.ts";

export interface JourneySpecification {
  name: string;
  number: number;
  documentHash: string;
  specification: Specification;
}

/** A specification of the journey's flow by name. 404 when the flow has none, 409 when its document is not registered here. */
export async function journeySpecification(database: Kysely<Database>, journey: Journey, name: string): Promise<JourneySpecification> {
  const number = specificationNumber(journey.flow, name);
  const documentHash = journey.flow.specifications[number]?.documentHash;
  if (documentHash === undefined) throw problem(404, "unknown-specification", `the flow "${journey.flow.name}" names no specification "${name}"`);
  const row = await database.selectFrom("specifications").select("document").where("document_hash", "=", documentHash).executeTakeFirst();
  if (row === undefined)
    throw problem(409, "specification-not-registered", `the document ${documentHash} of the specification "${name}" is not registered here; register it with POST /specifications`);
  return { name, number, documentHash, specification: specificationSchema.parse(JSON.parse(row.document)) };
}

/** Where a laboratory's record of this journey belongs on the ledger. */
export function resultsPlace(ledger: LedgerClient, journeyId: string, found: JourneySpecification, batch: string, laboratory: string) {
  const { chainId, addresses } = ledger;
  return { chainId, contract: addresses.batchProofs, journeyId, specificationNumber: found.number, specification: found.specification, batch, laboratory };
}
