import { sql } from "kysely";
import type { Kysely, RawBuilder } from "kysely";
import type { GenealogyKind } from "../../model/quality/genealogy.ts";
import type { Database } from "../../store/schema.ts";
import { seesEveryJourney } from "../http/caller.ts";
import type { Caller } from "../http/caller.ts";
import { journeysKnownTo } from "../journeys/visible.ts";

export interface GenealogyRow {
  direction: "forward" | "backward";
  from_node: string;
  to_node: string;
  kind: GenealogyKind;
  journey_id: string | null;
}

export type Direction = "forward" | "backward" | "both";

/**
 * Everything the nodes `forward` went into and everything the nodes `backward` came from, in one statement. The walk
 * keeps to edges the caller may see, so that what lies behind a hidden one stays hidden. Each node is walked from once:
 * a cycle in the data ends. At most `limit` edges are returned.
 */
export async function queryGenealogy(
  database: Kysely<Database>,
  caller: Caller,
  starts: { forward: readonly string[]; backward: readonly string[] },
  limit: number,
): Promise<GenealogyRow[]> {
  const visible = visibility(database, caller);
  const { rows } = await sql<GenealogyRow>`
    with recursive
    ahead (node) as (
      select unnest(${[...starts.forward]}::text[])
      union
      select edge.to_node from ahead join genealogy_edges edge on edge.from_node = ahead.node where ${visible}
    ),
    behind (node) as (
      select unnest(${[...starts.backward]}::text[])
      union
      select edge.from_node from behind join genealogy_edges edge on edge.to_node = behind.node where ${visible}
    )
    select distinct 'forward' as direction, edge.from_node, edge.to_node, edge.kind, edge.journey_id
      from ahead join genealogy_edges edge on edge.from_node = ahead.node where ${visible}
    union all
    select distinct 'backward', edge.from_node, edge.to_node, edge.kind, edge.journey_id
      from behind join genealogy_edges edge on edge.to_node = behind.node where ${visible}
    limit ${limit}`.execute(database);
  return rows;
}

/** Asked edge by edge, by the index of each table: a manufacturer's hundred thousand journeys are never listed. */
function visibility(database: Kysely<Database>, caller: Caller): RawBuilder<unknown> {
  if (caller.kind === "operator" || seesEveryJourney(caller)) return sql`true`;
  const { participantId } = caller;
  return sql`(edge.recorded_by = ${participantId}
    or exists (select 1 from (${journeysKnownTo(database, participantId)}) mine where mine.journey_id = edge.journey_id))`;
}
