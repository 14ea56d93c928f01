import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCaptureQueue } from "../../../services/oracle/capture/capture-queue.ts";
import { prepareDocument } from "../../../services/oracle/capture/prepare.ts";
import type { Submission } from "../../../services/oracle/capture/capture-batch.ts";
import { bareEvent, openJourney, present, startOracle } from "../support.ts";
import type { TestOracle } from "../support.ts";

let oracle: TestOracle;
beforeAll(async () => {
  oracle = await startOracle();
});
afterAll(() => oracle.close());

let captures = 0;

function submission(...events: Record<string, unknown>[]): Submission {
  captures += 1;
  const prepared = prepareDocument(events, "rollback");
  if ("issues" in prepared) throw new Error(JSON.stringify(prepared.issues));
  return {
    captureId: `capture-${captures}`,
    participantId: "0xparticipant",
    behaviour: "rollback",
    ...prepared,
    receivedAtMilliseconds: Date.now(),
  };
}

const stored = async () =>
  Number(
    (
      await oracle.database
        .selectFrom("events")
        .select((select) => select.fn.countAll().as("n"))
        .executeTakeFirstOrThrow()
    ).n,
  );

describe("capture queue", () => {
  it("gives submissions that arrive together one transaction, and each its own outcome", async () => {
    let transactions = 0;
    const counted = new Proxy(oracle.database, {
      get(target, property) {
        if (property === "transaction") transactions += 1;
        const value = Reflect.get(target, property, target) as unknown;
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const queue = createCaptureQueue(counted, () => undefined);
    const event = bareEvent();
    const bad = bareEvent({ errorDeclaration: { declarationTime: "2026-03-03T09:00:00Z" } });
    const outcomes = await Promise.all(
      [submission(event), submission(event), submission(bad), submission(bareEvent())].map((entry) =>
        queue.submit(entry),
      ),
    );
    expect(transactions).toBe(1);
    expect(outcomes.map((outcome) => [outcome.success, outcome.newEvents])).toEqual([
      [true, 1],
      [true, 0],
      [false, 0],
      [true, 1],
    ]);
    await queue.close();
  });

  it("stores the others when one submission breaks the transaction", async () => {
    const queue = createCaptureQueue(oracle.database, () => undefined);
    const before = await stored();
    const broken = submission(bareEvent());
    const [good] = broken.events;
    const poisoned = { ...broken, events: [{ ...present(good), body: "text with \u0000" }] };
    const results = await Promise.allSettled([
      queue.submit(submission(bareEvent())),
      queue.submit(poisoned),
      queue.submit(submission(bareEvent())),
    ]);
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(await stored()).toBe(before + 2);
    await queue.close();
  });

  it("refuses more than may wait, and finishes what waits when it closes", async () => {
    const queue = createCaptureQueue(oracle.database, () => undefined);
    const large = submission(bareEvent());
    const filled = { ...large, events: Array.from({ length: 20_001 }, () => present(large.events[0])) };
    await expect(queue.submit(filled)).rejects.toMatchObject({ code: "capture-queue-full" });
    const waiting = queue.submit(submission(bareEvent()));
    const closing = queue.close();
    expect((await waiting).success).toBe(true);
    await closing;
    await expect(queue.submit(submission(bareEvent()))).rejects.toMatchObject({ code: "capture-closed" });
  });
});

describe("500 posts at once", () => {
  it("records every event once and commits each to the ledger once", { timeout: 120_000 }, async () => {
    const { api } = await oracle.participant("apheresis-centre");
    const { coi, journeyId } = await openJourney(oracle);
    const target = { "threadline:chainOfIdentity": coi, "threadline:step": "collect" };
    const events = Array.from({ length: 250 }, () => bareEvent(target));
    const answers = await Promise.all([...events, ...events].map((event) => api("POST", "/events", event)));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]));
    expect(new Set(answers.map((answer) => answer.body.eventID)).size).toBe(250);
    const rows = await oracle.database
      .selectFrom("events")
      .select("commitment")
      .where("journey_id", "=", journeyId)
      .execute();
    const operations = await oracle.database
      .selectFrom("ledger_operations")
      .select("idempotency_key")
      .where("journey_id", "=", journeyId)
      .where("kind", "=", "custody-event")
      .execute();
    expect(rows).toHaveLength(250);
    expect(operations.map((operation) => operation.idempotency_key).sort()).toEqual(
      rows.map((row) => `custody-event:${row.commitment}`).sort(),
    );
  });

  it("opens one journey for one Chain of Identity", async () => {
    await openJourney(oracle);
    const request = { chainOfIdentity: "CHG123426RACE01", flow: { name: "car-t", version: 1 } };
    const answers = await Promise.all(Array.from({ length: 50 }, () => oracle.operator("POST", "/journeys", request)));
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer.body.journeyId)).size).toBe(1);
  });
});
