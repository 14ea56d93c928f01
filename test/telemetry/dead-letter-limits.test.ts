import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { countDeadLetters, countDeadLettersWithoutText } from "../../services/store/dead-letter-counts.ts";
import type { OpenDatabase } from "../../services/store/database.ts";
import { vaultOf } from "../../services/store/vault/index.ts";
import { createDeadLetterKeeping } from "../../services/telemetry/dead-letter-limits.ts";
import { payloadDigest, storeDeadLetters } from "../../services/telemetry/dead-letters.ts";
import { openSharedDatabase } from "./support/edge.ts";

const DAY = 86_400_000;
const NOW = 100 * DAY;

describe("keeping of dead letters", () => {
  let opened: OpenDatabase;
  const lines: object[] = [];
  const logger = { info: () => undefined, error: (facts: object) => void lines.push(facts) };
  beforeAll(async () => {
    opened = await openSharedDatabase();
  });
  beforeEach(async () => {
    lines.length = 0;
    for (const table of ["dead_letters", "dead_letter_sums"] as const) await opened.database.deleteFrom(table).execute();
  });
  afterAll(() => opened.close());

  const refused = (count: number, { reason = "signature-invalid" as const, at = NOW, name = "letter" } = {}) =>
    opened.database.transaction().execute((transaction) =>
      storeDeadLetters(
        transaction,
        Array.from({ length: count }, (_, index) => ({
          incoming: { topic: "a/b/c", payload: Buffer.from(`${name} ${index}`), receivedAtMilliseconds: at + index },
          refused: { ok: false as const, giai: null, reason, detail: "not signed by the device" },
        })),
      ),
    );
  async function makeRoom(limits: { letters: number; days: number; rows: number }) {
    const keeping = createDeadLetterKeeping(limits, { database: opened.database, logger, everyMilliseconds: 3_600_000 });
    try {
      return await keeping.makeRoom(NOW);
    } finally {
      await keeping.close();
    }
  }
  const rows = () => opened.database.selectFrom("dead_letters").selectAll().orderBy("dead_letter_number").execute();

  it("drops the text of the oldest beyond the number kept; that, when and why they came stays, with a digest", async () => {
    await refused(5);
    expect(await makeRoom({ letters: 3, days: 365, rows: 100 })).toEqual({ texts: 2, rows: 0 });
    const kept = await rows();
    expect(kept.map((row) => row.sealed_letter === null)).toEqual([true, true, false, false, false]);
    expect(kept[0]).toMatchObject({ reason: "signature-invalid", received_at_milliseconds: NOW });
    expect(kept[0]?.payload_digest).toBe(payloadDigest(vaultOf(opened.database), Buffer.from("letter 0")));
    expect(kept[0]?.payload_digest).not.toContain(createHash("sha256").update("letter 0").digest("hex"));
    expect(new Set(kept.map((row) => row.payload_digest)).size).toBe(5);
    expect(lines).toEqual([{ texts: 2, rows: 0, limits: { letters: 3, days: 365, rows: 100 } }]);
    expect(await makeRoom({ letters: 3, days: 365, rows: 100 })).toEqual({ texts: 0, rows: 0 });
    expect(lines).toHaveLength(1);
  });

  it("drops the text of what is older than the days kept", async () => {
    await refused(2, { at: NOW - 11 * DAY });
    await refused(2, { at: NOW - 9 * DAY });
    expect(await makeRoom({ letters: 100, days: 10, rows: 100 })).toEqual({ texts: 2, rows: 0 });
    expect((await rows()).map((row) => row.sealed_letter === null)).toEqual([true, true, false, false]);
  });

  it("adds rows beyond their number to a sum for each reason, whose digest depends on every one of them", async () => {
    await refused(3, { name: "first" });
    await refused(1, { name: "other", at: NOW + 10 });
    await refused(2, { name: "last", at: NOW + 20 });
    const before = await rows();
    expect(await makeRoom({ letters: 2, days: 365, rows: 2 })).toEqual({ texts: 4, rows: 4 });
    const [sum] = await opened.database.selectFrom("dead_letter_sums").selectAll().execute();
    const digest = before.slice(0, 4).reduce((last, row) => createHash("sha256").update(`${last}\n${row.received_at_milliseconds}\n${row.payload_digest}`).digest("hex"), "");
    expect(sum).toEqual({ reason: "signature-invalid", letters: 4, first_received_at_milliseconds: NOW, last_received_at_milliseconds: NOW + 10, digest });
    expect(await rows()).toHaveLength(2);
    await refused(1, { name: "more", at: NOW + 30 });
    await makeRoom({ letters: 2, days: 365, rows: 2 });
    const [after] = await opened.database.selectFrom("dead_letter_sums").selectAll().execute();
    expect(after).toMatchObject({ letters: 5, last_received_at_milliseconds: NOW + 20 });
    expect(after?.digest).not.toBe(digest);
  });

  it("loses none in the counts, whatever was dropped", async () => {
    await refused(6);
    await makeRoom({ letters: 2, days: 365, rows: 4 });
    const plain = (counts: { label: string; count: number | string }[]) => counts.map(({ label, count }) => [label, Number(count)]);
    expect(plain(await countDeadLetters(opened.database))).toEqual([["signature-invalid", 6]]);
    expect(plain(await countDeadLettersWithoutText(opened.database))).toEqual([["signature-invalid", 4]]);
  });
});
