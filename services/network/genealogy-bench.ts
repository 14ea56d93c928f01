import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import type { Kysely } from "kysely";
import { ThreadlineError } from "../model/errors.ts";
import { donationNode, donorNode, patientNode } from "../model/quality/genealogy.ts";
import type { GenealogyKind } from "../model/quality/genealogy.ts";
import { insertEdges } from "../oracle/batch/genealogy-edges.ts";
import type { NewEdge } from "../oracle/batch/genealogy-edges.ts";
import { queryGenealogy } from "../oracle/batch/genealogy-query.ts";
import type { Caller } from "../oracle/http/caller.ts";
import { createDatabase } from "../store/database.ts";
import type { Database } from "../store/schema.ts";
import { ensureJourneyKeys } from "../store/vault/index.ts";

/** Batches made with one lot of raw material. */
export const BATCHES_PER_LOT = 50;
const RUNS = 25;
const EDGES_AT_MOST = 10_001;
const MANUFACTURER = "0xbench-manufacturer";

const REGULATOR: Caller = { kind: "participant", participantId: "0xbench-regulator", gln: "", name: "", account: "", person: null, signsItself: { account: false, integration: false }, roles: ["regulator"] };
const MAKER: Caller = { kind: "participant", participantId: MANUFACTURER, gln: "", name: "", account: "", person: null, signsItself: { account: false, integration: false }, roles: ["manufacturing-site"] };

/** Milliseconds of each run, by question. */
export interface GenealogyTimes {
  donorToPatient: number[];
  patientToDonor: number[];
  lotToBatches: number[];
  lotToBatchesOfManufacturer: number[];
}

/** Times what is behind GET /genealogy, opening of the sealed edges included, over journeys of eight edges each, as the authority and as the one manufacturer of all. */
export async function timeGenealogy(journeys: number): Promise<GenealogyTimes> {
  const { database, close } = await createDatabase({ memory: true, secret: randomBytes(32) });
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

const JOURNEYS_AT_ONCE = 1_000;

/** Deterministic: journey n has donor, donation, bag, batch, lot of vector, product, cassette and patient. */
async function fill(database: Kysely<Database>, journeys: number): Promise<void> {
  await sql`insert into flows (name, version, document, document_hash) values ('bench', 1, '{}', '0xbench')`.execute(database);
  for (let first = 1; first <= journeys; first += JOURNEYS_AT_ONCE) {
    const numbers = Array.from({ length: Math.min(JOURNEYS_AT_ONCE, journeys - first + 1) }, (_, place) => first + place);
    await database.transaction().execute(async (transaction) => {
      await sql`insert into journeys (journey_id, identity_index, identity_commitment, flow_document_hash, opened_by, created_at_milliseconds)
        select 'j' || n, 'bench' || n, '', '0xbench', ${MANUFACTURER}, n from unnest(${numbers}::int[]) n`.execute(transaction);
      await ensureJourneyKeys(transaction, numbers.map((number) => `j${number}`));
      await insertEdges(transaction, numbers.flatMap(edgesOf));
    });
  }
  await sql`analyze`.execute(database);
}

function edgesOf(number: number): NewEdge[] {
  const [donor, donation, patient] = [donorNode(coi(number)), donationNode(din(number)), patientNode(coi(number))];
  const [bag, product, cassette] = ["352", "383", "390"].map((item) => `https://id.gs1.org/01/09506000134${item}/21/${number}`) as [string, string, string];
  const batch = `https://id.example.org/batch/${number}`;
  const edges: [string, string, GenealogyKind][] = [
    [donor, donation, "donated"],
    [donation, bag, "collected"],
    [donor, bag, "collected"],
    [bag, batch, "input"],
    [lot(number), batch, "material"],
    [batch, product, "output"],
    [product, cassette, "packed"],
    [product, patient, "administered"],
  ];
  return edges.map(([from, to, kind]) => ({ from, to, kind, source: "bench", journeyId: `j${number}`, recordedBy: "bench" }));
}
