import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chainedHash } from "../../services/model/audit-chain.ts";
import { createAccessTrail } from "../../services/store/access-trail.ts";
import type { NewAccess } from "../../services/store/access-trail.ts";
import type { OpenDatabase } from "../../services/store/database.ts";
import { describeDatabases } from "../support/databases.ts";

const access = (extra: Partial<NewAccess> = {}): NewAccess => ({
  occurred_at_milliseconds: 1_772_000_000_000,
  participant_id: `0x${"11".repeat(32)}`,
  account: null,
  roles: "auditor",
  operation_id: "getDisclosure",
  status: 200,
  journey_id: null,
  interaction: null,
  resource_type: null,
  resource_id: null,
  parameters: "",
  resources: 0,
  is_refused: false,
  pseudonym_shown: false,
  ...extra,
});

describeDatabases((open) => {
  let store: OpenDatabase;
  beforeAll(async () => {
    store = await open();
    // As the façade kept it before there was a chain.
    await sql`insert into accesses (access_number, access_id, occurred_at_milliseconds, participant_id, roles, operation_id, parameters, resources, is_refused, pseudonym_shown)
      values (1, 'old', 0, 'somebody', '', 'fhir', '', 0, false, false)`.execute(store.database);
  });
  afterAll(() => store.close());

  it("is one chain, whoever writes at the same time, and however much", { timeout: 60_000 }, async () => {
    const [first, second] = [createAccessTrail(store.database), createAccessTrail(store.database)];
    await Promise.all(Array.from({ length: 40 }, (_, place) => (place % 2 === 0 ? first : second).record([access({ status: 200 + place })])));
    await first.record(Array.from({ length: 1_200 }, () => access()));
    await first.record([]);
    const state = await second.verify();
    expect(state).toMatchObject({ intact: true, entries: 1_240, firstBroken: null });
    const rows = await store.database.selectFrom("accesses").select(["access_number", "entry_hash"]).orderBy("access_number").execute();
    expect(rows.map((row) => row.access_number)).toEqual(Array.from({ length: 1_241 }, (_, place) => place + 1));
    expect(rows.at(-1)?.entry_hash).toBe(state.head);
  });

  it("names no journey that does not exist, and rejects who asked when it cannot be written", async () => {
    const trail = createAccessTrail(store.database);
    await trail.record([access({ journey_id: `0x${"ab".repeat(32)}` })]);
    const row = await store.database.selectFrom("accesses").selectAll().orderBy("access_number", "desc").executeTakeFirstOrThrow();
    expect(row.journey_id).toBeNull();
    const bad = trail.record([access({ status: Number.NaN })]);
    await expect(bad).rejects.toThrow();
    await trail.record([access()]);
    expect(await trail.verify()).toMatchObject({ intact: true });
  });

  it("is broken when it is rewritten as a whole without the node's secret, and shorter when its end is cut off", async () => {
    const { database } = store;
    const trail = createAccessTrail(database);
    const noted = await trail.verify();
    await sql`alter table accesses disable trigger all`.execute(database);
    const last = await database.selectFrom("accesses").selectAll().orderBy("access_number", "desc").executeTakeFirstOrThrow();
    const { access_number: number, previous_hash: previousHash } = last;
    await database.deleteFrom("accesses").where("access_number", "=", number).execute();
    const cut = await trail.verify();
    expect([cut.intact, cut.entries, cut.head]).toEqual([true, noted.entries - 1, previousHash]);
    const entry = {
      number,
      accessId: last.access_id,
      occurredAt: last.occurred_at_milliseconds,
      participantId: "0xforged",
      account: last.account,
      roles: last.roles,
      operationId: last.operation_id,
      status: last.status,
      journeyId: last.journey_id,
      interaction: last.interaction,
      resourceType: last.resource_type,
      resourceId: last.resource_id,
      parameters: last.parameters,
      resources: last.resources,
      isRefused: last.is_refused,
      pseudonymShown: last.pseudonym_shown,
    };
    const forged = { ...last, participant_id: "0xforged", entry_hash: chainedHash(previousHash ?? "", { entry }) };
    await database.insertInto("accesses").values(forged).execute();
    expect(await trail.verify()).toMatchObject({ intact: false, firstBroken: number });
  });
});
