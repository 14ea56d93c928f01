import { sql } from "kysely";
import type { Kysely } from "kysely";
import { ThreadlineError } from "../model/errors.ts";
import { donationNode, patientNode } from "../model/quality/genealogy.ts";
import { queryGenealogy } from "../oracle/batch/genealogy-query.ts";
import type { Caller } from "../oracle/http/caller.ts";
import { createDatabase } from "../store/database.ts";
import type { Database } from "../store/schema.ts";

/** Batches made with one lot of raw material. */
export const BATCHES_PER_LOT = 50;
const RUNS = 25;
const EDGES_AT_MOST = 10_001;
const MANUFACTURER = "0xbench-manufacturer";

const REGULATOR: Caller = { kind: "participant", participantId: "0xbench-regulator", gln: "", name: "", account: "", person: null, roles: ["regulator"] };
const MAKER: Caller = { kind: "participant", participantId: MANUFACTURER, gln: "", name: "", account: "", person: null, roles: ["manufacturing-site"] };

/** Milliseconds of each run, by question. */
export interface GenealogyTimes {
  donorToPatient: number[];
  patientToDonor: number[];
  lotToBatches: number[];
  lotToBatchesOfManufacturer: number[];
}

/** Times the statement behind GET /genealogy over journeys of eight edges each, as the authority and as the one manufacturer of all. */
export async function timeGenealogy(journeys: number): Promise<GenealogyTimes> {
  const { database, close } = await createDatabase({ memory: true });
  try {
    await fill(database, journeys);
    const ask = async (caller: Caller, starts: (number: number) => Parameters<typeof queryGenealogy>[2]) => {
      const runs: number[] = [];
      for (let run = 0; run <= RUNS; run++) {
        const started = performance.now();
        const rows = await queryGenealogy(database, caller, starts(1 + ((run * 7919) % journeys)), EDGES_AT_MOST);
        if (rows.length === 0) throw new ThreadlineError("bench-empty", "a genealogy came back empty: the figure would be worth nothing");
        if (run > 0) runs.push(performance.now() - started);
      }
      return runs;
    };
    const forward = (node: string) => ({ forward: [node], backward: [] });
    return {
      donorToPatient: await ask(REGULATOR, (number) => forward(donationNode(din(number)))),
      patientToDonor: await ask(REGULATOR, (number) => ({ forward: [], backward: [patientNode(coi(number))] })),
      lotToBatches: await ask(REGULATOR, (number) => forward(lot(number))),
      lotToBatchesOfManufacturer: await ask(MAKER, (number) => forward(lot(number))),
    };
  } finally {
    await close();
  }
}

const padded = (number: number) => String(number).padStart(6, "0");
const coi = (number: number) => `CHB999926${padded(number)}`;
const din = (number: number) => `G999926${padded(number)}`;
const lot = (number: number) => `urn:threadline:material:vector:L${Math.floor(number / BATCHES_PER_LOT)}`;

/** Deterministic: journey n has donor, donation, bag, batch, lot of vector, product, cassette and patient. */
async function fill(database: Kysely<Database>, journeys: number): Promise<void> {
  await sql`insert into flows (name, version, document, document_hash) values ('bench', 1, '{}', '0xbench')`.execute(database);
  await sql`insert into journeys (journey_id, identity_index, identity_commitment, flow_document_hash, opened_by, created_at_milliseconds)
    select 'j' || n, 'CHB999926' || lpad(n::text, 6, '0'), '', '0xbench', ${MANUFACTURER}, n from generate_series(1, ${journeys}::int) n`.execute(database);
  await sql`with names as (
      select 'j' || n as journey, 'CHB999926' || lpad(n::text, 6, '0') as coi, 'urn:threadline:donation:G999926' || lpad(n::text, 6, '0') as donation,
        'https://id.gs1.org/01/09506000134352/21/' || n as bag, 'https://id.example.org/batch/' || n as batch,
        'https://id.gs1.org/01/09506000134383/21/' || n as product, 'https://id.gs1.org/01/09506000134390/21/' || n as cassette,
        'urn:threadline:material:vector:L' || (n / ${BATCHES_PER_LOT}::int) as lot
      from generate_series(1, ${journeys}::int) n)
    insert into genealogy_edges (from_node, to_node, kind, source, journey_id, recorded_by)
    select edge.from_node, edge.to_node, edge.kind, 'bench', journey, 'bench' from names, lateral (values
      ('urn:threadline:donor:' || coi, donation, 'donated'), (donation, bag, 'collected'), ('urn:threadline:donor:' || coi, bag, 'collected'),
      (bag, batch, 'input'), (lot, batch, 'material'), (batch, product, 'output'), (product, cassette, 'packed'),
      (product, 'urn:threadline:patient:' || coi, 'administered')) as edge (from_node, to_node, kind)`.execute(database);
  await sql`analyze`.execute(database);
}
