import { openedDetails } from "../support/sealed.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sql } from "kysely";
import { createDatabase } from "../../services/store/database.ts";
import type { OpenDatabase } from "../../services/store/database.ts";
import { enqueueOperation, enqueueOperations } from "../../services/store/outbox.ts";
import type { NewOperation } from "../../services/store/outbox.ts";
import { recordException } from "../../services/store/exception-details.ts";
import type { NewException } from "../../services/store/exception-details.ts";
import { describeDatabases } from "../support/databases.ts";

const operation = (key: string, payload: Record<string, unknown> = {}): NewOperation => ({
  idempotencyKey: key,
  kind: "custody-event",
  journeyId: "0x01",
  payload: { commitment: `0x${key}`, ...payload },
});

const exception: NewException = {
  journeyId: "0x02",
  code: "sensor-gap",
  leg: 1,
  occurredAt: 1_700_000_000.7,
  observed: 900,
  limit: 600,
  unit: "seconds",
  message: "no reading for 900 s",
  key: "device:17",
};

describeDatabases((open) => {
  let store: OpenDatabase;
  beforeAll(async () => {
    store = await open();
  });
  afterAll(() => store.close());

  test("an operation is written once per idempotency key and keeps its first payload", async () => {
    const { database } = store;
    const first = await database.transaction().execute((t) => enqueueOperation(t, operation("one", { a: 1 })));
    const second = await database.transaction().execute((t) => enqueueOperation(t, operation("one", { a: 2 })));
    expect([first, second]).toEqual([true, false]);
    const rows = await database.selectFrom("ledger_operations").selectAll().where("idempotency_key", "=", "one").execute();
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ status: "pending", payload: '{"commitment":"0xone","a":1}', transaction_number: null });
  });

  test("an operation the ledger refused is tried again behind the others; one under way is not", async () => {
    const { database } = store;
    const enqueue = (key: string, payload = {}) => database.transaction().execute((t) => enqueueOperation(t, operation(key, payload)));
    await enqueue("refused");
    await enqueue("between");
    await database.updateTable("ledger_operations").set({ status: "refused", error: "NotReleasable" }).where("idempotency_key", "=", "refused").execute();
    await database.updateTable("ledger_operations").set({ status: "submitted" }).where("idempotency_key", "=", "between").execute();
    expect(await enqueue("refused", { b: 1 })).toBe(true);
    expect(await enqueue("between", { b: 1 })).toBe(false);
    const rows = await database
      .selectFrom("ledger_operations")
      .select(["idempotency_key", "status", "error", "payload"])
      .where("idempotency_key", "in", ["refused", "between"])
      .orderBy("operation_number")
      .execute();
    expect(rows).toEqual([
      { idempotency_key: "between", status: "submitted", error: null, payload: '{"commitment":"0xbetween"}' },
      { idempotency_key: "refused", status: "pending", error: null, payload: '{"commitment":"0xrefused","b":1}' },
    ]);
  });

  test("an operation given twice at once is one operation; one without what its key is made of is refused", async () => {
    const { database } = store;
    const twice = [operation("twice"), operation("twice")];
    expect(await database.transaction().execute((t) => enqueueOperations(t, twice))).toBe(1);
    const incomplete: NewOperation = { ...operation("incomplete"), payload: {} };
    const refused = database.transaction().execute((t) => enqueueOperation(t, incomplete));
    await expect(refused).rejects.toMatchObject({ code: "operation-incomplete", details: { member: "commitment" } });
  });

  test("operations keep the order they were given in", async () => {
    const { database } = store;
    const keys = Array.from({ length: 30 }, (_, index) => `ordered-${index}`);
    const count = await database.transaction().execute((t) => enqueueOperations(t, keys.map((key) => operation(key))));
    expect(count).toBe(30);
    const rows = await database
      .selectFrom("ledger_operations")
      .select("idempotency_key")
      .where("idempotency_key", "like", "ordered-%")
      .orderBy("operation_number")
      .execute();
    expect(rows.map((row) => row.idempotency_key)).toEqual(keys);
  });

  test("nothing of a transaction that fails stays", async () => {
    const { database } = store;
    const failing = database.transaction().execute(async (transaction) => {
      await enqueueOperation(transaction, operation("rolled-back"));
      throw new Error("the fact could not be written");
    });
    await expect(failing).rejects.toThrow("the fact could not be written");
    const rows = await database.selectFrom("ledger_operations").selectAll().where("idempotency_key", "=", "rolled-back").execute();
    expect(rows).toEqual([]);
  });

  test("an exception seen twice has one detail and one operation", async () => {
    const { database } = store;
    const first = await database.transaction().execute((t) => recordException(t, exception));
    const again = await database.transaction().execute((t) => recordException(t, { ...exception, observed: 901 }));
    expect([first.isNew, again.isNew]).toEqual([true, false]);
    expect(again.exceptionKey).toBe(first.exceptionKey);
    const details = await openedDetails(database);
    expect(details).toHaveLength(1);
    expect(details[0]).toMatchObject({ observed: 900, limit: 600, class: "major", occurred_at: 1_700_000_000 });
    const operations = await database.selectFrom("ledger_operations").selectAll().where("kind", "=", "raise-exception").execute();
    expect(operations).toHaveLength(1);
  });

  test("another leg's exception under another key is another exception", async () => {
    const { isNew } = await store.database.transaction().execute((t) => recordException(t, { ...exception, key: "device:18" }));
    expect(isNew).toBe(true);
  });

  test("bigint columns and counts come back as numbers, jsonb as values", async () => {
    const { database } = store;
    await database
      .insertInto("participants")
      .values({
        participant_id: "0xaa",
        gln: "9506000134352",
        name: "Site",
        roles: JSON.stringify(["oracle"]),
        account: "0xbb",
        encrypted_key: "sealed",
        created_at_milliseconds: 1_763_000_000_123,
      })
      .execute();
    const row = await database.selectFrom("participants").selectAll().executeTakeFirstOrThrow();
    expect(row.created_at_milliseconds).toBe(1_763_000_000_123);
    expect(row.roles).toEqual(["oracle"]);
    const counted = await database.selectFrom("participants").select(({ fn }) => fn.countAll<number>().as("count")).executeTakeFirstOrThrow();
    expect(counted.count).toBe(1);
    const operation = await database.selectFrom("ledger_operations").select("operation_number").executeTakeFirstOrThrow();
    expect(operation.operation_number).toBeTypeOf("number");
  });

  test("a query beside a transaction, inside its callback, is refused instead of waiting for ever", async () => {
    const { database } = store;
    const nestedQuery = database.transaction().execute(() => database.selectFrom("journeys").selectAll().execute());
    await expect(nestedQuery).rejects.toMatchObject({ code: "nested-database-use" });
    const nestedTransaction = database.transaction().execute(() => database.transaction().execute(() => Promise.resolve(1)));
    await expect(nestedTransaction).rejects.toMatchObject({ code: "nested-database-use" });
    const nestedSql = database.transaction().execute(() => sql`select 1`.execute(database));
    await expect(nestedSql).rejects.toMatchObject({ code: "nested-database-use" });
    expect(await database.selectFrom("journeys").selectAll().execute()).toEqual([]);
  });

  test("transactions started at the same time run one after the other or side by side, none lost", async () => {
    const { database } = store;
    const writes = Array.from({ length: 20 }, (_, index) =>
      database.transaction().execute((t) => enqueueOperation(t, operation(`parallel-${index}`))),
    );
    expect(await Promise.all(writes)).toEqual(Array.from({ length: 20 }, () => true));
  });
});

test("a database that is not named is refused", async () => {
  await expect(createDatabase({})).rejects.toMatchObject({ code: "database-not-named" });
});
