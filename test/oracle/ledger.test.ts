import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pino } from "pino";
import { createKeyring } from "../../services/ledger/keyring.ts";
import { createNotifications } from "../../services/store/notifications.ts";
import { createIndexer } from "../../services/ledger/indexer.ts";
import { createRelay } from "../../services/ledger/relay.ts";
import type { Indexer } from "../../services/ledger/indexer.ts";
import type { Relay } from "../../services/ledger/relay.ts";
import { DEVELOPMENT_KEYS } from "../support/anvil.ts";
import { KEYRING_SECRET, startLedgerNetwork } from "../support/ledger-network.ts";
import type { LedgerNetwork } from "../support/ledger-network.ts";
import { bareEvent, newBag, openJourney, startOracle } from "./support.ts";
import type { TestOracle } from "./support.ts";

let network: LedgerNetwork;
let oracle: TestOracle;
let relay: Relay;
let indexer: Indexer;
type Participant = Awaited<ReturnType<TestOracle["participant"]>>;
let apheresis: Participant;
let courier: Participant;
let quality: Participant;
let assurance: Participant;

beforeAll(async () => {
  network = await startLedgerNetwork();
  const keyring = createKeyring(KEYRING_SECRET);
  const notifications = createNotifications();
  const logger = pino({ level: "silent" });
  oracle = await startOracle(
    {},
    { ledger: network.ledger, keyring, notifications, onOperation: () => relay?.notify() },
  );
  const { database } = oracle;
  indexer = createIndexer({ database, ledger: network.ledger, notifications, logger });
  relay = createRelay({
    database,
    ledger: network.ledger,
    signer: DEVELOPMENT_KEYS[1],
    keyring,
    logger,
    notifications,
    indexer,
  });
  await indexer.start();
  relay.start();
  apheresis = await oracle.participant("apheresis-centre");
  courier = await oracle.participant("logistics-provider");
  quality = await oracle.participant("qualified-person");
  assurance = await oracle.participant("quality-assurance");
});

afterAll(async () => {
  await oracle?.close();
  await relay?.close();
  await indexer?.close();
  await network?.close();
});

async function settled(journeyId: string) {
  for (;;) {
    const { body } = await oracle.operator("GET", `/journeys/${journeyId}`);
    if (body.pendingOperations === 0) return body;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** An event of now, so that it is neither late nor early. */
function now(coi: string, step: string, secondsAgo = 0, extra: Record<string, unknown> = {}) {
  const eventTime = new Date(Date.now() - secondsAgo * 1000).toISOString();
  return bareEvent({ eventTime, "threadline:chainOfIdentity": coi, "threadline:step": step, ...extra });
}

describe("a journey on the ledger", () => {
  it("shows what the ledger recorded: head, custodian, steps, and each event beside its exceptions", async () => {
    const { journeyId, coi } = await openJourney(oracle);
    await apheresis.api("POST", "/events", now(coi, "collect", 120));
    await apheresis.api("POST", "/events", now(coi, "hand-over", 60));
    await courier.api("POST", "/events", now(coi, "accept", 30));
    const status = await settled(journeyId);
    expect(status).toMatchObject({
      recorded: true,
      eventCount: 3,
      custodian: { gln: courier.gln },
      openExceptions: [],
      refusedOperations: [],
    });
    expect(status.steps.map((step: { step: string }) => step.step)).toEqual(["collect", "hand-over", "accept"]);
    const head = await network.ledger.contracts.custodyLedger.getFunction("head")(journeyId);
    expect(status.head).toBe(head);
    const { body } = await courier.api("GET", `/journeys/${journeyId}/events`);
    expect(
      body.events.map((event: { sequence: number; event: unknown }) => [event.sequence, event.event !== null]),
    ).toEqual([
      [0, true],
      [1, true],
      [2, true],
    ]);
    const { body: disclosure } = await courier.api("GET", `/journeys/${journeyId}/disclosure`);
    expect(disclosure.events.map((event: { sequence: number }) => event.sequence)).toEqual([0, 1, 2]);
  });

  it("says of the ledger's own exceptions what was observed and what the limit was", async () => {
    const { journeyId, coi } = await openJourney(oracle);
    await apheresis.api("POST", "/events", now(coi, "collect", 200_000));
    await courier.api("POST", "/events", now(coi, "hand-over", 30));
    await settled(journeyId);
    const { body } = await oracle.operator("GET", `/journeys/${journeyId}/exceptions`);
    const byCode = new Map<string, Record<string, unknown>>(
      body.exceptions.map((exception: { code: string }) => [exception.code, exception]),
    );
    expect([...byCode.keys()].sort()).toEqual(["actor-not-authorised", "custody-gap", "late-entry"]);
    expect(byCode.get("late-entry")).toMatchObject({ status: "open", class: "minor", limit: 86_400, unit: "seconds" });
    expect(Number(byCode.get("late-entry")?.["observed"])).toBeGreaterThanOrEqual(199_999);
    expect(byCode.get("actor-not-authorised")).toMatchObject({
      observed: "logistics-provider",
      limit: "apheresis-centre",
    });
    expect(byCode.get("custody-gap")).toMatchObject({ class: "critical", unit: "custodian" });
  });

  it("releases a gate only when the checks are compliant, and names those that are not", async () => {
    const { journeyId, coi } = await openJourney(oracle);
    const gate = () => quality.api("POST", `/journeys/${journeyId}/releases`, { gate: "release" });
    await settled(journeyId);
    const early = await gate();
    expect(early.status).toBe(409);
    expect(early.body.checks).toEqual([{ check: "step", name: "collect", status: "pending" }]);
    await apheresis.api("POST", "/events", now(coi, "collect", 10));
    expect((await apheresis.api("POST", `/journeys/${journeyId}/releases`, { gate: "release" })).status).toBe(403);
    await apheresis.api("POST", "/scans", { raw: "&/CHG123426ZZZZZZ", journeyId, step: "collect" });
    await settled(journeyId);
    const held = await gate();
    expect([held.status, held.body.checks]).toEqual([
      409,
      [{ check: "no-open-exception", name: null, status: "not-compliant" }],
    ]);

    const { body } = await quality.api("GET", `/journeys/${journeyId}/exceptions`);
    const { number } = body.exceptions[0];
    const reason = "The neighbour's label was scanned by mistake; the bag was checked.";
    for (const [who, to] of [
      [assurance, "classified"],
      [assurance, "under-assessment"],
      [assurance, "resolution-proposed"],
      [quality, "resolved"],
    ] as const) {
      expect((await gate()).status).toBe(409);
      const moved = await who.api("POST", `/journeys/${journeyId}/exceptions/${number}/transitions`, { to, reason });
      expect([to, moved.status]).toEqual([to, 201]);
    }

    const checks = await quality.api("GET", `/journeys/${journeyId}/gates/release/checks`);
    expect(checks.body).toMatchObject({ releasable: true });
    const released = await gate();
    expect(released).toMatchObject({ status: 201, body: { gate: "release", releasedBy: { gln: quality.gln } } });
    expect((await gate()).status).toBe(409);
    expect((await quality.api("GET", `/journeys/${journeyId}/releases`)).body.releases).toHaveLength(1);
    expect((await settled(journeyId)).releasedGates).toEqual([expect.objectContaining({ gate: "release" })]);
  });

  it("answers 404 for a gate the flow has not", async () => {
    const { journeyId } = await openJourney(oracle);
    expect((await quality.api("GET", `/journeys/${journeyId}/gates/other/checks`)).status).toBe(404);
    expect((await quality.api("POST", `/journeys/${journeyId}/releases`, { gate: "other" })).status).toBe(404);
  });

  it("records a correction as an unplanned event, which quality sees", async () => {
    const { journeyId, coi } = await openJourney(oracle);
    const event = now(coi, "collect", 5);
    await apheresis.api("POST", "/events", event);
    await apheresis.api("POST", "/events", {
      ...event,
      errorDeclaration: { declarationTime: new Date().toISOString(), reason: "incorrect_data" },
    });
    const status = await settled(journeyId);
    expect(status.eventCount).toBe(2);
    expect(status.openExceptions.map((exception: { code: string }) => exception.code)).toEqual(["step-out-of-order"]);
  });

  it("holds a release for a label that was voided and for labels that do not add up", async () => {
    const { journeyId, coi } = await openJourney(oracle);
    await apheresis.api("POST", "/events", now(coi, "collect", 10));
    const wanted = { container: newBag(), productName: "Leukapheresis", storageProfile: "fresh" };
    const print = (extra = {}) => apheresis.api("POST", `/journeys/${journeyId}/labels`, { ...wanted, ...extra });
    const { labelId } = (await print()).body.label;
    await print({ reason: "smudged" });
    const raw = `(01)09506000134352(21)${wanted.container.split("/").at(-1) ?? ""}(90)${coi}V1`;
    expect((await apheresis.api("POST", "/scans", { raw, journeyId, step: "collect" })).status).toBe(409);
    const counted = await apheresis.api("POST", `/journeys/${journeyId}/labels/reconciliation`, { applied: [labelId], destroyed: [] });
    expect(counted.status).toBe(409);
    const status = await settled(journeyId);
    expect(status.refusedOperations).toEqual([]);
    expect(status.openExceptions.map((exception: { code: string; class: string }) => [exception.code, exception.class])).toEqual([
      ["label-voided", "critical"],
      ["label-reconciliation-difference", "major"],
    ]);
    const { body } = await quality.api("GET", `/journeys/${journeyId}/gates/release/checks`);
    expect(body).toMatchObject({ releasable: false });
  });
});
