import type { Kysely } from "kysely";
import { flowSchema } from "../../model/custody/index.ts";
import type { FlowDefinition } from "../../model/custody/index.ts";
import { identifierIndex, identityIndex } from "../../store/identities.ts";
import type { Database } from "../../store/schema.ts";
import { eventHashIndex, eventIdIndex, openEvents, SEALED_EVENT_COLUMNS, vaultOf } from "../../store/vault/index.ts";
import { KnownFacts } from "./known-facts.ts";
import type { PreparedEvent } from "./prepare.ts";

/** Reads in a few queries everything the database knows that bears on these events. */
export async function loadFacts(database: Kysely<Database>, events: readonly PreparedEvent[]): Promise<KnownFacts> {
  const facts = new KnownFacts();
  if (events.length === 0) return facts;
  const vault = vaultOf(database);
  const rows = await database
    .selectFrom("events")
    .select([...SEALED_EVENT_COLUMNS, "captured_by"])
    .where((where) =>
      where.or([
        where("event_hash_index", "in", unique(events.map((event) => eventHashIndex(vault, event.hash)))),
        where("event_id_index", "in", unique(events.map((event) => eventIdIndex(vault, event.eventId)))),
      ]),
    )
    .execute();
  for (const row of await openEvents(database, rows))
    facts.addEvent({
      eventId: row.eventId,
      hash: row.eventHash,
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
  const vault = vaultOf(database);
  const epcs = new Map(events.flatMap((event) => event.epcs.map((epc) => [identifierIndex(vault, epc), epc])));
  const identifiers =
    epcs.size === 0
      ? []
      : await database
          .selectFrom("journey_identifiers")
          .select(["journey_id", "identifier_index"])
          .where("kind", "=", "epc")
          .where("identifier_index", "in", [...epcs.keys()])
          .execute();
  for (const row of identifiers) facts.addEpc(epcs.get(row.identifier_index) ?? "", row.journey_id);
  const named = events.flatMap((event) => (event.chainOfIdentity === null ? [] : [event.chainOfIdentity]));
  const identities = new Map(named.map((coi) => [identityIndex(vault, coi), coi]));
  const journeyIds = unique([...knownIds, ...identifiers.map((row) => row.journey_id)]);
  if (identities.size === 0 && journeyIds.length === 0) return;
  const journeys = await database
    .selectFrom("journeys")
    .innerJoin("flows", "flows.document_hash", "journeys.flow_document_hash")
    .select(["journey_id", "identity_index", "erased_at_milliseconds", "document_hash", "document"])
    // An erasure waits until these events are there to be erased, or is done before they are judged.
    .forKeyShare("journeys")
    .where((where) =>
      where.or([
        ...(identities.size === 0 ? [] : [where("identity_index", "in", [...identities.keys()])]),
        ...(journeyIds.length === 0 ? [] : [where("journey_id", "in", journeyIds)]),
      ]),
    )
    .execute();
  for (const row of journeys)
    facts.addJourney(identities.get(row.identity_index) ?? null, {
      journeyId: row.journey_id,
      isErased: row.erased_at_milliseconds !== null,
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
