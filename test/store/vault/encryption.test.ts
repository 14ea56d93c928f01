import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { Kysely, PGliteDialect, sql } from "kysely";
import { Migrator } from "kysely/migration";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDatabase } from "../../../services/store/database.ts";
import type { OpenDatabase } from "../../../services/store/database.ts";
import { exceptionKeyOf, recordException } from "../../../services/store/exception-details.ts";
import { initialMigration } from "../../../services/store/migrations/0001-initial.ts";
import { openText, sealText } from "../../../services/model/privacy/envelope.ts";
import {
  createVault,
  destroyJourneyKeys,
  ensureJourneyKeys,
  journeyCipher,
  openEvents,
  rotateContentKey,
  sealEvent,
  vaultOf,
} from "../../../services/store/vault/index.ts";
import { openedDetails } from "../../support/sealed.ts";
import { TEST_SECRET } from "../../support/secret.ts";

const key = new Uint8Array(32).fill(1);

describe("an envelope", () => {
  const envelope = sealText(key, 3, "events/7", "83 kg");

  it("opens with its key in its place, and says nothing of what it holds", () => {
    expect(openText(key, "events/7", envelope)).toBe("83 kg");
    expect(envelope).toMatch(/^v1\.3\.[\w-]+$/);
    expect(sealText(key, 3, "events/7", "83 kg")).not.toBe(envelope);
  });

  it.each([
    ["another key", () => openText(new Uint8Array(32).fill(2), "events/7", envelope)],
    ["another row", () => openText(key, "events/8", envelope)],
    ["another key number", () => openText(key, "events/7", envelope.replace("v1.3.", "v1.4."))],
    ["another version", () => openText(key, "events/7", envelope.replace("v1.", "v2."))],
    ["a changed byte", () => openText(key, "events/7", `${envelope.slice(0, -6)}${envelope.at(-6) === "A" ? "B" : "A"}${envelope.slice(-5)}`)],
    ["a cut", () => openText(key, "events/7", envelope.slice(0, 20))],
    ["plaintext", () => openText(key, "events/7", "83 kg")],
  ])("does not open with %s", (_, open) => {
    expect(open).toThrow(expect.objectContaining({ code: "envelope-unreadable" }));
  });
});

describe("a blind index", () => {
  it("is one for one value of one column under one secret", () => {
    const vault = createVault(TEST_SECRET);
    const indexes = [
      vault.blindIndex("journeys/chain_of_identity", "CHG123426000001"),
      vault.blindIndex("journeys/chain_of_identity", "CHG123426000002"),
      vault.blindIndex("events/event_id", "CHG123426000001"),
      createVault(new Uint8Array(32).fill(8)).blindIndex("journeys/chain_of_identity", "CHG123426000001"),
    ];
    expect(new Set(indexes).size).toBe(4);
    expect(vault.blindIndex("journeys/chain_of_identity", "CHG123426000001")).toBe(indexes[0]);
    expect(() => createVault(new Uint8Array(31))).toThrow("31 bytes");
  });
});

describe("a journey's keys", () => {
  let store: OpenDatabase;
  beforeAll(async () => {
    store = await createDatabase({ memory: true, secret: TEST_SECRET });
  });
  afterAll(() => store.close());

  const content = { eventId: "urn:uuid:1", eventHash: "0x11", body: '{"weight":83}', context: "null", salt: "0x22" };

  async function withKeys(journeyId: string) {
    await store.database.transaction().execute((transaction) => ensureJourneyKeys(transaction, [journeyId]));
    const cipher = await journeyCipher(store.database, [journeyId]);
    const sealed = sealEvent(vaultOf(store.database), cipher, journeyId, false, content);
    return { journey_id: journeyId, is_error_declaration: false, ...sealed };
  }

  it("are random, stay the same, and are stored wrapped", async () => {
    const row = await withKeys("0x01");
    await store.database.transaction().execute((transaction) => ensureJourneyKeys(transaction, ["0x01"]));
    expect(await openEvents(store.database, [row])).toEqual([{ ...row, ...content }]);
    const keys = await store.database.selectFrom("journey_keys").select("wrapped_key").where("journey_id", "=", "0x01").execute();
    expect(keys.map((each) => /^v1\.0\.[\w-]{90,}$/.test(each.wrapped_key ?? ""))).toEqual([true, true]);
  });

  it("do not open another journey's row, nor one moved to another place", async () => {
    const [first, second] = [await withKeys("0x02"), await withKeys("0x03")];
    await expect(openEvents(store.database, [{ ...first, journey_id: "0x03" }])).rejects.toMatchObject({ code: "envelope-unreadable" });
    await expect(openEvents(store.database, [{ ...second, is_error_declaration: true }])).rejects.toMatchObject({ code: "envelope-unreadable" });
    await expect(openEvents(store.database, [{ ...first, journey_id: "0x04" }])).rejects.toMatchObject({ code: "journey-key-missing" });
  });

  it("rotate: what was sealed before stays readable, what follows is under the new key", async () => {
    const before = await withKeys("0x05");
    expect(await store.database.transaction().execute((transaction) => rotateContentKey(transaction, "0x05"))).toBe(2);
    const after = await withKeys("0x05");
    expect(after.sealed_event).toMatch(/^v1\.2\./);
    expect(await openEvents(store.database, [before, after])).toHaveLength(2);
  });

  it("once destroyed open nothing, are not made anew, and take nothing more", async () => {
    const row = await withKeys("0x06");
    await store.database.transaction().execute((transaction) => destroyJourneyKeys(transaction, "0x06", ["content"]));
    expect(await openEvents(store.database, [row])).toEqual([]);
    const later = await withKeys("0x06");
    expect(await openEvents(store.database, [later])).toEqual([]);
    await expect(store.database.transaction().execute((transaction) => rotateContentKey(transaction, "0x06"))).rejects.toMatchObject({ code: "journey-erased" });
  });

  it("blind what makes an exception, so that its key on the ledger cannot be guessed from an event", async () => {
    const exception = { journeyId: "0x07", code: "identity-mismatch" as const, leg: null, occurredAt: 1, observed: "BAG", limit: "", unit: "identifier", message: "m", key: "event:0x11:BAG" };
    const { exceptionKey } = await store.database.transaction().execute((transaction) => recordException(transaction, exception));
    expect(exceptionKey).not.toBe(exceptionKeyOf("0x07", "identity-mismatch", exception.key));
    const [detail] = await openedDetails(store.database);
    expect(exceptionKeyOf("0x07", "identity-mismatch", JSON.parse(detail?.detail ?? "{}").key)).toBe(exceptionKey);
    expect((await store.database.transaction().execute((transaction) => recordException(transaction, exception))).isNew).toBe(false);
  });
});

describe("a database", () => {
  it("of plaintext is refused loudly, and left as it is", async () => {
    const directory = mkdtempSync(join(tmpdir(), "threadline-plaintext-"));
    try {
      const old = new Kysely<Record<string, Record<string, unknown>>>({ dialect: new PGliteDialect({ pglite: await PGlite.create(directory) }) });
      const provider = { getMigrations: () => Promise.resolve({ "0001-initial": initialMigration }) };
      expect((await new Migrator({ db: old, provider }).migrateToLatest()).error).toBeUndefined();
      await sql`insert into journeys values ('0x01', 'CHG123426000001', '0x02', '0x03', '0x04', '0x05', 'operator', 1)`.execute(old);
      await old.destroy();
      await expect(createDatabase({ directory, secret: TEST_SECRET })).rejects.toThrow(/in plaintext \(table journeys\); start with an empty one/);
      const again = new Kysely<Record<string, Record<string, unknown>>>({ dialect: new PGliteDialect({ pglite: await PGlite.create(directory) }) });
      expect((await sql<{ chain_of_identity: string }>`select chain_of_identity from journeys`.execute(again)).rows[0]?.chain_of_identity).toBe("CHG123426000001");
      await again.destroy();
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it("opened without the node's secret seals nothing and opens nothing", async () => {
    const bare = await createDatabase({ memory: true });
    expect(() => vaultOf(bare.database)).toThrow(expect.objectContaining({ code: "vault-missing" }));
    await bare.close();
  });
});
