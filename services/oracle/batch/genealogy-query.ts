import { sql } from "kysely";
import type { Kysely, RawBuilder } from "kysely";
import type { GenealogyKind } from "../../model/quality/genealogy.ts";
import { genealogyNodeIndex, openEdge } from "../../store/genealogy-rows.ts";
import type { Database } from "../../store/schema.ts";
import { journeyCipher, vaultOf } from "../../store/vault/index.ts";
import { seesEveryJourney, tracesErased } from "../http/caller.ts";
import type { Caller } from "../http/caller.ts";
import { journeysKnownTo } from "../journeys/visible.ts";

export interface GenealogyRow {
  direction: "forward" | "backward";
  from_node: string;
  to_node: string;
  kind: GenealogyKind;
  journey_id: string | null;
  /** Of an erased subject, kept for traceability. */
  for_tracing_only: boolean;
}

export type Direction = "forward" | "backward" | "both";

type SealedRow = Omit<GenealogyRow, "from_node" | "to_node"> & { from_index: string; to_index: string; sealed_edge: string };

/**
 * Everything the nodes `forward` went into and everything the nodes `backward` came from, walked over blind indexes in one
 * statement; only what is answered is opened. The walk keeps to edges the caller may see, so that what lies behind a
 * hidden one stays hidden. Each node is walked from once: a cycle in the data ends. At most `limit` edges are returned.
 */
export async function queryGenealogy(
  database: Kysely<Database>,
  caller: Caller,
  starts: { forward: readonly string[]; backward: readonly string[] },
  limit: number,
): Promise<GenealogyRow[]> {
  const visible = visibility(database, caller);
  const vault = vaultOf(database);
  const indexesOf = (nodes: readonly string[]) => nodes.map((node) => genealogyNodeIndex(vault, node));
  const { rows } = await sql<SealedRow>`
    with recursive
    ahead (node) as (
      select unnest(${indexesOf(starts.forward)}::text[])
      union
      select edge.to_index from ahead join genealogy_edges edge on edge.from_index = ahead.node where ${visible}
    ),
    behind (node) as (
      select unnest(${indexesOf(starts.backward)}::text[])
      union
      select edge.from_index from behind join genealogy_edges edge on edge.to_index = behind.node where ${visible}
    )
    select distinct on (edge.from_index, edge.to_index, edge.kind, edge.journey_id)
      'forward' as direction, edge.from_index, edge.to_index, edge.kind, edge.journey_id, edge.for_tracing_only, edge.sealed_edge
      from ahead join genealogy_edges edge on edge.from_index = ahead.node where ${visible}
    union all
    (select distinct on (edge.from_index, edge.to_index, edge.kind, edge.journey_id)
      'backward', edge.from_index, edge.to_index, edge.kind, edge.journey_id, edge.for_tracing_only, edge.sealed_edge
      from behind join genealogy_edges edge on edge.to_index = behind.node where ${visible})
    limit ${limit}`.execute(database);
  const cipher = await journeyCipher(database, rows.map((row) => row.journey_id));
  return rows.flatMap(({ direction, kind, journey_id, for_tracing_only, ...row }): GenealogyRow[] => {
    const ends = openEdge(cipher, { journey_id, ...row });
    return ends === null ? [] : [{ direction, from_node: ends.from, to_node: ends.to, kind, journey_id, for_tracing_only }];
  });
}

/** Asked edge by edge, by the index of each table: a manufacturer's hundred thousand journeys are never listed. */
function visibility(database: Kysely<Database>, caller: Caller): RawBuilder<unknown> {
  const kept = tracesErased(caller) ? sql`true` : sql`not edge.for_tracing_only`;
  if (caller.kind === "operator" || seesEveryJourney(caller)) return kept;
  const { participantId } = caller;
  return sql`${kept} and (edge.recorded_by = ${participantId}
    or exists (select 1 from (${journeysKnownTo(database, participantId)}) mine where mine.journey_id = edge.journey_id))`;
}
