import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { Kysely, PGliteDialect, sql } from "kysely";
import { Migrator } from "kysely/migration";
import { afterEach, beforeEach, expect, it } from "vitest";
import { genealogyNodeIndex, openEdge } from "../../services/store/genealogy-rows.ts";
import { issuedIdentifierIndex } from "../../services/store/identities.ts";
import { createDatabase } from "../../services/store/database.ts";
import { migrations } from "../../services/store/migrations/index.ts";
import { reasonsOf } from "../../services/store/reasons.ts";
import type { Database } from "../../services/store/schema.ts";
import { openControlRecipe, openEntry, openResults, openResultsReason } from "../../services/store/sealed-batch.ts";
import { openLabel } from "../../services/store/sealed-labels.ts";
import { attachVault, createVault, destroyJourneyKeys, ensureJourneyKeys, journeyCipher, sealedCaptureErrors, sealedDeadLetter, vaultOf } from "../../services/store/vault/index.ts";
import { findingsOf, storedColumns } from "../support/stored-texts.ts";
import { TEST_SECRET } from "../support/secret.ts";

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "threadline-resealing-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const COI = "CHA999926000001";
const BATCH = "https://id.example.org/batch/PLAIN-1";
const SECRETS = new Map(Object.entries({ coi: COI, batch: BATCH, entry: "ENTRY-1", lot: "PLAINLOT", body: "VIABILITY-640", reason: "because it leaked", label: "Plain product", error: "event refused", letter: "not a message" }));

/** A database as the version before left it, in clear, with a journey and one that was erased. */
async function plainDatabase(): Promise<void> {
  const database = new Kysely<Database>({ dialect: new PGliteDialect({ pglite: await PGlite.create(directory) }) });
  attachVault(database, createVault(TEST_SECRET));
  const all = await migrations.getMigrations();
  const before = Object.fromEntries(Object.entries(all).filter(([name]) => name < "0006-sealed-records"));
  const { error } = await new Migrator({ db: database, provider: { getMigrations: () => Promise.resolve(before) } }).migrateToLatest();
  expect(error).toBeUndefined();
  const statements = ["j1", "j2"].flatMap((journey) => [
    `insert into journeys (journey_id, identity_index, identity_commitment, flow_document_hash, opened_by, created_at_milliseconds) values ('${journey}', '${journey}', '', 'f', 'p', 1)`,
    `insert into control_recipes values ('${journey}', '${BATCH}/${journey}', 'r', '[{"equipment":"B1"}]', 'p', 1)`,
    `insert into batch_record_entries (journey_id, batch, entry_id, entry, event_hash, recorded_by, recorded_at_milliseconds) select '${journey}', '${BATCH}', 'ENTRY-1' || n, '{"entryId":"ENTRY-1"}', null, 'p', n from generate_series(1, 300) n`,
    `insert into batch_results (results_commitment, journey_id, specification_number, stage, giai, signed_at, body, certificate, certificate_hash, status, reason, attempts, posted_by, received_at_milliseconds) values ('c${journey}', '${journey}', 0, 'final', 'g', 1, 'VIABILITY-640', 'certificate VIABILITY-640', 'h', 'recorded', 'because it leaked', 0, 'p', 1)`,
    `insert into genealogy_edges values ('urn:threadline:donor:${COI}', '${BATCH}', 'input', 'event-${journey}', '${journey}', 'p')`,
    `insert into labels values ('l${journey}', '${journey}', 'https://epc/${COI}/${journey}', 1, 'Plain product', null, 'p', 1, 'p', 'because it leaked', 2)`,
    `insert into exception_reasons values ('e${journey}', '${journey}', 1, 'because it leaked', '0x01', 'p', 1)`,
    `insert into disposition_reasons values ('d${journey}', '${journey}', 'because it leaked', '0x02', 'p', 1)`,
  ]);
  await sql`insert into flows values ('f', 1, '{}', 'f')`.execute(database);
  await sql`insert into master_recipes values ('r', 1, '{}', 'r')`.execute(database);
  await database.transaction().execute(async (transaction) => {
    await ensureJourneyKeys(transaction, ["j1", "j2"]);
    await destroyJourneyKeys(transaction, "j2", ["content", "identity"]);
  });
  for (const statement of statements) await sql.raw(statement).execute(database);
  await sql`insert into genealogy_edges values ('PLAINLOT', ${BATCH}, 'material', 'stray', null, 'p')`.execute(database);
  await sql`insert into issued_identifiers values (${COI}, 'p', 1)`.execute(database);
  await sql`insert into capture_jobs values ('job', 'p', 1, 2, false, false, 'rollback', '[{"detail":"event refused"}]'), ('fine', 'p', 1, 2, false, true, 'rollback', '[]')`.execute(database);
  await sql`insert into dead_letters (topic, payload, reason, detail, received_at_milliseconds) values ('t', 'not a message', 'payload-invalid', 'd', 7)`.execute(database);
  expect(new Set(findingsOf(await storedColumns(database), SECRETS).map(({ secret }) => secret))).toEqual(new Set(SECRETS.keys()));
  await database.destroy();
}

it("what stood in clear is sealed where it stands, and reads as before; what was erased is not", { timeout: 180_000 }, async () => {
  await plainDatabase();
  const { database, close } = await createDatabase({ directory, secret: TEST_SECRET });
  expect(findingsOf(await storedColumns(database), SECRETS)).toEqual([]);
  const cipher = await journeyCipher(database, ["j1", "j2", null]);
  const all = async <Table extends keyof Database>(table: Table) => database.selectFrom(table as never).selectAll().execute() as Promise<never[]>;

  const recipes = new Map((await all("control_recipes")).map((row: { journey_id: string; sealed_recipe: string }) => [row.journey_id, openControlRecipe(cipher, row.journey_id, row.sealed_recipe)]));
  expect(recipes).toEqual(new Map([["j1", { batch: `${BATCH}/j1`, equipment: [{ equipment: "B1" }] }], ["j2", null]]));
  const entries = await database.selectFrom("batch_record_entries").selectAll().orderBy("entry_number").execute();
  const read = entries.map((row) => openEntry(cipher, row));
  expect(read.filter((entry) => entry !== null)).toHaveLength(300);
  expect(read[299]).toEqual({ batch: BATCH, entryId: "ENTRY-1300", entry: '{"entryId":"ENTRY-1"}', eventHash: null });
  for (const row of await database.selectFrom("batch_results").selectAll().execute()) {
    const isErased = row.journey_id === "j2";
    expect(openResults(cipher, row)).toEqual(isErased ? null : { body: "VIABILITY-640", certificate: "certificate VIABILITY-640" });
    expect(openResultsReason(cipher, row)).toBe(isErased ? null : "because it leaked");
  }
  const donor = genealogyNodeIndex(vaultOf(database), `urn:threadline:donor:${COI}`);
  const edges = await database.selectFrom("genealogy_edges").selectAll().orderBy("journey_id").execute();
  expect(edges.map((row) => [row.journey_id, row.from_index === donor, openEdge(cipher, row)])).toEqual([
    ["j1", true, { from: `urn:threadline:donor:${COI}`, to: BATCH }],
    ["j2", true, null],
    [null, false, { from: "PLAINLOT", to: BATCH }],
  ]);
  const labels = await database.selectFrom("labels").selectAll().orderBy("label_id").execute();
  expect(labels.map((row) => openLabel(cipher, row))).toEqual([expect.objectContaining({ epc: `https://epc/${COI}/j1`, content: "Plain product", void_reason: "because it leaked" }), null]);
  expect(await reasonsOf(database, "exception_reasons", "j1")).toEqual(new Map([["ej1", { reason: "because it leaked", salt: "0x01" }]]));
  expect(await reasonsOf(database, "disposition_reasons", "j2")).toEqual(new Map());
  expect(await all("issued_identifiers")).toEqual([expect.objectContaining({ identifier_index: issuedIdentifierIndex(vaultOf(database), COI) })]);
  const jobs = await database.selectFrom("capture_jobs").selectAll().orderBy("capture_id").execute();
  expect(jobs.map((row) => sealedCaptureErrors.open(cipher, null, row.capture_id, row.sealed_errors))).toEqual([null, [{ detail: "event refused" }]]);
  const [letter] = await database.selectFrom("dead_letters").selectAll().execute();
  expect(sealedDeadLetter.open(cipher, null, "7", letter?.sealed_letter ?? null)).toEqual({ topic: "t", payload: "not a message", detail: "d" });
  await close();
});

it("without the node's secret nothing is sealed, and nothing is lost", { timeout: 180_000 }, async () => {
  await plainDatabase();
  await expect(createDatabase({ directory })).rejects.toMatchObject({ code: "migration-failed", message: expect.stringContaining("without the node's secret") });
  const { database, close } = await createDatabase({ directory, secret: TEST_SECRET });
  expect(await reasonsOf(database, "exception_reasons", "j1")).toEqual(new Map([["ej1", { reason: "because it leaked", salt: "0x01" }]]));
  await close();
});
