import { sql } from "kysely";
import type { Transaction } from "kysely";
import { donationNode, donorNode, patientNode } from "../../model/quality/genealogy.ts";
import type { EventGenealogy, GenealogyEdge } from "../../model/quality/genealogy.ts";
import { genealogySourceIndex, sealEdge } from "../../store/genealogy-rows.ts";
import { identifiersOf, openIdentities } from "../../store/identities.ts";
import type { Database } from "../../store/schema.ts";
import { journeyCipher, vaultOf } from "../../store/vault/index.ts";

export interface NewEdge extends GenealogyEdge {
  /** Event hash, entry or journey it was learned from. */
  source: string;
  journeyId: string | null;
  recordedBy: string;
}

const ROWS_AT_ONCE = 1000;

/** Writes edges in the transaction of the fact they come from. One sent again with its journey known becomes the journey's. */
export async function insertEdges(transaction: Transaction<Database>, edges: readonly NewEdge[]): Promise<void> {
  if (edges.length === 0) return;
  const vault = vaultOf(transaction);
  const unique = [...new Map(edges.map((edge) => [`${edge.from} ${edge.to} ${edge.kind} ${edge.source}`, edge])).values()];
  const cipher = await journeyCipher(transaction, unique.map(({ journeyId }) => journeyId));
  for (let start = 0; start < unique.length; start += ROWS_AT_ONCE)
    await transaction
      .insertInto("genealogy_edges")
      .values(
        unique.slice(start, start + ROWS_AT_ONCE).map((edge) => ({
          ...sealEdge(vault, cipher, edge.journeyId, edge),
          kind: edge.kind,
          journey_id: edge.journeyId,
          recorded_by: edge.recordedBy,
        })),
      )
      .onConflict((conflict) =>
        conflict
          .columns(["from_index", "to_index", "kind", "source_index"])
          .doUpdateSet((row) => ({
            journey_id: row.ref("excluded.journey_id"),
            recorded_by: row.ref("excluded.recorded_by"),
            sealed_edge: row.ref("excluded.sealed_edge"),
          }))
          .where("genealogy_edges.journey_id", "is", null),
      )
      .execute();
}

export interface CapturedGenealogy {
  genealogy: EventGenealogy;
  eventHash: string;
  isErrorDeclaration: boolean;
  journeyId: string | null;
  recordedBy: string;
}

/** Edges of captured events. What an event said that was since declared erroneous is no genealogy; the event itself stays. */
export async function recordGenealogy(transaction: Transaction<Database>, captured: readonly CapturedGenealogy[]): Promise<void> {
  const identities = await identitiesOf(transaction, captured);
  const edges = captured.flatMap(({ genealogy, eventHash: source, journeyId, recordedBy }) => {
    const identity = journeyId === null ? undefined : identities.get(journeyId);
    const added: GenealogyEdge[] = [...genealogy.edges];
    if (identity !== undefined) {
      const origins = [donorNode(identity.chainOfIdentity), ...identity.donations.map(donationNode)];
      added.push(...genealogy.collected.flatMap((to) => origins.map((from) => ({ from, to, kind: "collected" as const }))));
      const patient = patientNode(identity.chainOfIdentity);
      added.push(...genealogy.administered.map((from) => ({ from, to: patient, kind: "administered" as const })));
    }
    return added.map((edge) => ({ ...edge, source, journeyId, recordedBy }));
  });
  await insertEdges(transaction, edges);
  const vault = vaultOf(transaction);
  const withdrawn = captured.filter((entry) => entry.isErrorDeclaration).map((entry) => genealogySourceIndex(vault, entry.eventHash));
  if (withdrawn.length > 0)
    await transaction.deleteFrom("genealogy_edges").where("source_index", "=", sql<string>`any(${withdrawn}::text[])`).execute();
}

async function identitiesOf(transaction: Transaction<Database>, captured: readonly CapturedGenealogy[]) {
  const named = captured.filter(({ genealogy }) => genealogy.collected.length + genealogy.administered.length > 0);
  const ids = [...new Set(named.flatMap(({ journeyId }) => (journeyId === null ? [] : [journeyId])))];
  const identities = new Map<string, { chainOfIdentity: string; donations: string[] }>();
  if (ids.length === 0) return identities;
  const journeys = await transaction.selectFrom("journeys").select(["journey_id", "sealed_identity"]).where("journey_id", "in", ids).execute();
  for (const [journeyId, identity] of await openIdentities(transaction, journeys)) {
    if (identity === null) continue;
    const donations = (await identifiersOf(transaction, journeyId)).filter(({ kind }) => kind === "din");
    identities.set(journeyId, { chainOfIdentity: identity.chainOfIdentity, donations: donations.map(({ identifier }) => identifier) });
  }
  return identities;
}
