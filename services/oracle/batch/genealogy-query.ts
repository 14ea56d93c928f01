import { sql } from "kysely";
import type { Kysely, RawBuilder } from "kysely";
import type { GenealogyKind } from "../../model/quality/genealogy.ts";
import type { Database } from "../../store/schema.ts";
import { seesEveryJourney } from "../http/caller.ts";
import type { Caller } from "../http/caller.ts";
import { journeysOf } from "../journeys/visible.ts";

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
    with recursive ${visible.table}
    ahead (node) as (
      select unnest(${[...starts.forward]}::text[])
      union
      select edge.to_node from ahead join genealogy_edges edge on edge.from_node = ahead.node where ${visible.condition}
    ),
    behind (node) as (
      select unnest(${[...starts.backward]}::text[])
      union
      select edge.from_node from behind join genealogy_edges edge on edge.to_node = behind.node where ${visible.condition}
    )
    select distinct 'forward' as direction, edge.from_node, edge.to_node, edge.kind, edge.journey_id
      from ahead join genealogy_edges edge on edge.from_node = ahead.node where ${visible.condition}
    union all
    select distinct 'backward', edge.from_node, edge.to_node, edge.kind, edge.journey_id
      from behind join genealogy_edges edge on edge.to_node = behind.node where ${visible.condition}
    limit ${limit}`.execute(database);
  return rows;
}

function visibility(database: Kysely<Database>, caller: Caller): { table: RawBuilder<unknown>; condition: RawBuilder<unknown> } {
  if (caller.kind === "operator" || seesEveryJourney(caller)) return { table: sql``, condition: sql`true` };
  const { participantId } = caller;
  return {
    table: sql`visible_journeys (journey_id) as (${journeysOf(database, participantId)}),`,
    condition: sql`(edge.recorded_by = ${participantId} or edge.journey_id in (select journey_id from visible_journeys))`,
  };
}
