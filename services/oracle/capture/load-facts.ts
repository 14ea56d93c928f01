import type { Kysely } from "kysely";
import { flowSchema } from "../../model/custody/index.ts";
import type { FlowDefinition } from "../../model/custody/index.ts";
import type { Database } from "../../store/schema.ts";
import { KnownFacts } from "./known-facts.ts";
import type { PreparedEvent } from "./prepare.ts";

/** Reads in a few queries everything the database knows that bears on these events. */
export async function loadFacts(database: Kysely<Database>, events: readonly PreparedEvent[]): Promise<KnownFacts> {
  const facts = new KnownFacts();
  if (events.length === 0) return facts;
  const rows = await database
    .selectFrom("events")
    .select(["event_id", "event_hash", "is_error_declaration", "journey_id", "captured_by"])
    .where((where) =>
      where.or([
        where("event_hash", "in", unique(events.map((event) => event.hash))),
        where("event_id", "in", unique(events.map((event) => event.eventId))),
      ]),
    )
    .execute();
  for (const row of rows)
    facts.addEvent({
      eventId: row.event_id,
      hash: row.event_hash,
      isErrorDeclaration: row.is_error_declaration,
      journeyId: row.journey_id,
      capturedBy: row.captured_by,
      isStored: true,
    });
  await loadJourneys(
    database,
    events,
    rows.flatMap((row) => (row.journey_id === null ? [] : [row.journey_id])),
    facts,
  );
  return facts;
}

async function loadJourneys(
  database: Kysely<Database>,
  events: readonly PreparedEvent[],
  knownIds: string[],
  facts: KnownFacts,
): Promise<void> {
  const epcs = unique(events.flatMap((event) => event.epcs));
  const identifiers =
    epcs.length === 0
      ? []
      : await database
          .selectFrom("journey_identifiers")
          .select(["journey_id", "identifier"])
          .where("kind", "=", "epc")
          .where("identifier", "in", epcs)
          .execute();
  for (const row of identifiers) facts.addEpc(row.identifier, row.journey_id);
  const identities = unique(events.flatMap((event) => (event.chainOfIdentity === null ? [] : [event.chainOfIdentity])));
  const journeyIds = unique([...knownIds, ...identifiers.map((row) => row.journey_id)]);
  if (identities.length === 0 && journeyIds.length === 0) return;
  const journeys = await database
    .selectFrom("journeys")
    .innerJoin("flows", "flows.document_hash", "journeys.flow_document_hash")
    .select(["journey_id", "chain_of_identity", "document_hash", "document"])
    .where((where) =>
      where.or([
        ...(identities.length === 0 ? [] : [where("chain_of_identity", "in", identities)]),
        ...(journeyIds.length === 0 ? [] : [where("journey_id", "in", journeyIds)]),
      ]),
    )
    .execute();
  for (const row of journeys)
    facts.addJourney(row.chain_of_identity, {
      journeyId: row.journey_id,
      flow: flowOf(row.document_hash, row.document),
    });
}

const FLOWS_REMEMBERED = 200;
const flows = new Map<string, FlowDefinition>();

/** A flow by its document; documents never change, so each is parsed once. */
export function flowOf(documentHash: string, document: string): FlowDefinition {
  const known = flows.get(documentHash);
  if (known !== undefined) return known;
  const flow = flowSchema.parse(JSON.parse(document));
  if (flows.size >= FLOWS_REMEMBERED) flows.clear();
  flows.set(documentHash, flow);
  return flow;
}

function unique<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}
