import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Wallet, hexlify, randomBytes } from "ethers";
import { pino } from "pino";
import type { Indexer } from "../../services/ledger/indexer.ts";
import type { Relay } from "../../services/ledger/relay.ts";
import { chainDigest, stateDigest } from "../../services/ledger/digest.ts";
import {
  DISPOSITION_DECISION_TYPES,
  DISPOSITION_DECISIONS,
  reasonHash as reasonHashOf,
  threadlineDomain,
} from "../../services/model/custody/index.ts";
import { createDeviceSigningKey } from "../../services/model/condition/index.ts";
import { createAuthorityClock } from "../../services/oracle/dispositions/authority-clock.ts";
import { recordException } from "../../services/store/exception-details.ts";
import { DEVELOPMENT_KEYS } from "../support/anvil.ts";
import type { LedgerNetwork } from "../support/ledger-network.ts";
import { startLedgerOracle } from "./ledger-oracle.ts";
import type { LedgerOracle } from "./ledger-oracle.ts";
import { bareEvent, newIdentity } from "./support.ts";
import type { TestOracle } from "./support.ts";

/** Interim release before the late sterility result, final release after it; certification is waived for an exceptional release. */
const FLOW = {
  name: "two-stage",
  version: 1,
  lateEntryToleranceSeconds: 86_400,
  handoverToleranceSeconds: 3_600,
  authorityNotificationSeconds: 7_200,
  profiles: [],
  steps: [
    { step: "collect", title: "Collected", roles: ["apheresis-centre"], custody: "take" },
    { step: "hand-over", title: "Handed over", roles: ["apheresis-centre"], custody: "release", after: ["collect"] },
    { step: "receive", title: "Received", roles: ["manufacturing-site"], custody: "accept", after: ["hand-over"] },
  ],
  gates: [
    { gate: "certification", title: "Certification", roles: ["qualified-person"], requiredSteps: ["receive"], waivedByExceptionalRelease: true },
    { gate: "shipment", title: "Release for shipment", roles: ["qualified-person"], requiredGates: ["certification"] },
    { gate: "final", title: "Final release", roles: ["qualified-person"], requiredGates: ["shipment"] },
  ],
};

/** One watched leg; its gaps are counted in units of two seconds. */
const COLD_FLOW = {
  ...FLOW,
  name: "watched",
  profiles: [
    {
      name: "cool", minimumTemperatureCelsius: 2, maximumTemperatureCelsius: 8, temperatureBudgetSeconds: 0,
      tiltLimitDegrees: null, tiltBudgetSeconds: 0, longestGapSeconds: 300, longestDurationSeconds: 86_400,
    },
  ],
  legs: [{ leg: "inbound", from: "hand-over", to: "receive", profile: "cool" }],
  gates: [{ gate: "incoming", title: "Incoming", roles: ["qualified-person"], requiredSteps: ["receive"], requiredLegs: ["inbound"] }],
};

const BECAUSE = "Written out in the record of the case.";

let ledgerOracle: LedgerOracle;
let network: LedgerNetwork;
let oracle: TestOracle;
let relay: Relay;
let indexer: Indexer;
type Participant = Awaited<ReturnType<TestOracle["participant"]>>;
let clinic: Participant;
let manufacturer: Participant;
let qualified: Participant;
let assurance: Participant;
let authority: Participant;
let courier: Participant;
const heard: { type: string; data: Record<string, unknown> }[] = [];

beforeAll(async () => {
  ledgerOracle = await startLedgerOracle();
  ({ network, oracle, relay, indexer } = ledgerOracle);
  ledgerOracle.notifications.subscribe(({ type, data }) => heard.push({ type, data }));
  clinic = await oracle.participant("treatment-centre", "apheresis-centre");
  manufacturer = await oracle.participant("manufacturing-site");
  qualified = await oracle.participant("qualified-person");
  assurance = await oracle.participant("quality-assurance");
  authority = await oracle.participant("regulator");
  courier = await oracle.participant("logistics-provider");
  await oracle.operator("POST", "/flows", FLOW);
}, 120_000);

afterAll(async () => {
  await ledgerOracle?.close();
});

const settled = (journeyId: string) => ledgerOracle.settled(journeyId);

async function received(): Promise<string> {
  const coi = newIdentity();
  const opened = await clinic.api("POST", "/journeys", { chainOfIdentity: coi, flow: { name: FLOW.name, version: 1 } });
  expect(opened.status).toBe(201);
  const journeyId = opened.body.journeyId as string;
  for (const [who, step, secondsAgo] of [[clinic, "collect", 90], [clinic, "hand-over", 60], [manufacturer, "receive", 30]] as const) {
    const eventTime = new Date(Date.now() - secondsAgo * 1000).toISOString();
    await who.api("POST", "/events", bareEvent({ eventTime, "threadline:chainOfIdentity": coi, "threadline:step": step }));
  }
  await settled(journeyId);
  return journeyId;
}

const view = async (journeyId: string, who = qualified) => (await who.api("GET", `/journeys/${journeyId}/disposition`)).body;
const decide = (journeyId: string, who: Participant, decision: string, extra: object = {}) =>
  who.api("POST", `/journeys/${journeyId}/dispositions`, { decision, reason: BECAUSE, ...extra });
const take = (journeyId: string, who: Participant, step: string) =>
  who.api("POST", `/journeys/${journeyId}/exceptional-release/${step}`, { reason: BECAUSE });
const release = (journeyId: string, gate: string) => qualified.api("POST", `/journeys/${journeyId}/releases`, { gate });

async function lateResult(journeyId: string): Promise<void> {
  await oracle.database.transaction().execute((transaction) =>
    recordException(transaction, {
      journeyId, code: "positive-late-result", leg: null, occurredAt: Date.now() / 1000, observed: "growth", limit: "no growth",
      unit: "sterility", message: "the sterility test of day 14 shows growth", key: "sterility",
    }),
  );
  relay.notify();
  await settled(journeyId);
}

describe("a leg whose logger stayed silent", () => {
  it("is accepted without proof by a qualified person, once the exception is accepted, and is then completed", async () => {
    await oracle.operator("POST", "/flows", COLD_FLOW);
    const approver = await oracle.participant("qualified-person");
    const coi = newIdentity();
    const opened = await clinic.api("POST", "/journeys", { chainOfIdentity: coi, flow: { name: COLD_FLOW.name, version: 1 } });
    const journeyId = opened.body.journeyId as string;
    const giai = "9506000134LOG9";
    const key = createDeviceSigningKey(new Uint8Array(32).fill(5));
    const enrolled = await oracle.operator("POST", "/devices", {
      giai, owner: courier.gln, publicKey: key.publicKey.map(String), keyEpoch: 1, attestation: "device",
      messageKey: { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" },
      calibratedFrom: "2020-01-01T00:00:00Z", calibratedUntil: "2040-01-01T00:00:00Z",
    });
    expect(enrolled.status).toBe(201);
    const startedAt = Math.floor(Date.now() / 1000) - 1_800;
    const moment = (seconds: number) => new Date(seconds * 1000).toISOString();
    expect((await courier.api("POST", `/journeys/${journeyId}/legs/inbound/device`, { giai, assignedFrom: moment(startedAt - 60) })).status).toBe(201);
    for (const [who, step, at] of [[clinic, "collect", startedAt - 60], [clinic, "hand-over", startedAt], [manufacturer, "receive", startedAt + 1_500]] as const)
      await who.api("POST", "/events", bareEvent({ eventTime: moment(at), "threadline:chainOfIdentity": coi, "threadline:step": step }));
    await settled(journeyId);
    const path = `/journeys/${journeyId}/legs/inbound/acceptances`;
    const next = (await qualified.api("GET", path)).body;
    expect(next).toMatchObject({ accepted: [], next: { to: moment(Math.ceil((startedAt + 1_500) / 2) * 2) }, reason: null });
    await oracle.database.transaction().execute((transaction) =>
      recordException(transaction, {
        journeyId, code: "sensor-gap", leg: 0, occurredAt: startedAt, observed: 1_500, limit: 300, unit: "seconds",
        message: "no reading at all", key: "leg:0",
      }),
    );
    relay.notify();
    await settled(journeyId);
    expect((await courier.api("POST", path, { exceptionNumber: 0 })).status).toBe(403);
    expect((await qualified.api("POST", path, { exceptionNumber: 9 })).status).toBe(404);
    expect((await qualified.api("POST", path, { exceptionNumber: 0 })).body.type).toBe("urn:threadline:problem:not-accepted");
    for (const [who, to] of [[assurance, "classified"], [assurance, "under-assessment"], [assurance, "acceptance-proposed"], [approver, "accepted"]] as const)
      expect((await who.api("POST", `/journeys/${journeyId}/exceptions/0/transitions`, { to, reason: BECAUSE })).status).toBe(201);
    const accepted = await qualified.api("POST", path, { exceptionNumber: 0 });
    expect([accepted.status, accepted.body.recorded]).toEqual([201, true]);
    expect((await qualified.api("GET", path)).body).toMatchObject({
      accepted: [{ number: 0, exceptionNumber: 0, from: next.next.from, to: next.next.to }],
      next: null,
    });
    expect((await qualified.api("POST", path, { exceptionNumber: 0 })).body.type).toBe("urn:threadline:problem:nothing-to-accept");
    const checks = (await qualified.api("GET", `/journeys/${journeyId}/gates/incoming/checks`)).body;
    expect(checks).toMatchObject({ releasable: true });
    expect(checks.checks).toContainEqual({ check: "leg", name: "inbound", status: "completed" });
    expect((await release(journeyId, "incoming")).status).toBe(201);
  });
});

describe("dispositions on the ledger", () => {
  it("holds a batch, lets only the qualified person lift it, and keeps the history with its reasons", async () => {
    const journeyId = await received();
    expect(await view(journeyId)).toMatchObject({ decision: "none", exceptionalRelease: "none", recalled: false, authorityNotification: null, history: [] });
    expect((await decide(journeyId, assurance, "on-hold")).status).toBe(201);
    const held = await release(journeyId, "certification");
    expect([held.status, held.body.checks]).toEqual([409, [{ check: "disposition", name: null, status: "not-compliant" }]]);
    expect((await decide(journeyId, assurance, "accepted")).status).toBe(403);
    expect((await decide(journeyId, clinic, "on-hold")).status).toBe(403);
    expect((await decide(journeyId, qualified, "accepted")).status).toBe(201);
    const again = await decide(journeyId, qualified, "accepted");
    expect([again.status, again.body.type]).toEqual([409, "urn:threadline:problem:illegal-transition"]);
    expect((await release(journeyId, "certification")).status).toBe(201);
    const { history } = await view(journeyId);
    expect(history.map((entry: { what: string; reason: string; hostedKey: boolean }) => [entry.what, entry.reason, entry.hostedKey])).toEqual([
      ["on-hold", BECAUSE, true],
      ["accepted", BECAUSE, true],
    ]);
    expect(heard.filter(({ type }) => type === "disposition").map(({ data }) => data["decision"])).toEqual(["on-hold", "accepted"]);
  });

  it("relays a person's own signature as it is, and refuses every forged or stale one", async () => {
    const journeyId = await received();
    const person = Wallet.createRandom();
    const { ledger } = network;
    const relayWallet = new Wallet(DEVELOPMENT_KEYS[1], ledger.provider);
    const registry = ledger.contracts.participantRegistry.connect(relayWallet) as unknown as {
      addAccount(participantId: string, account: string, hosted: boolean): Promise<{ wait(): Promise<unknown> }>;
    };
    await relay.flush();
    await (await registry.addAccount(qualified.participantId, person.address, false)).wait();
    await indexer.catchUp();
    const signed = async (decision: (typeof DISPOSITION_DECISIONS)[number], signer = person, change: Record<string, unknown> = {}) => {
      const { next } = await view(journeyId);
      const reasonSalt = hexlify(randomBytes(32));
      const signedAt = Math.floor(Date.now() / 1000);
      const value = {
        journeyId, number: next.number, decision: DISPOSITION_DECISIONS.indexOf(decision), head: next.head,
        reasonHash: reasonHashOf(BECAUSE, Buffer.from(reasonSalt.slice(2), "hex")), signedAt, ...change,
      };
      const signature = await signer.signTypedData(threadlineDomain(ledger.chainId, ledger.addresses.dispositionRegister), DISPOSITION_DECISION_TYPES, value);
      return { reasonSalt, number: next.number, head: next.head, signedAt: new Date(signedAt * 1000).toISOString(), signature };
    };
    const good = await signed("conditionally-accepted");
    const refusals: [object, number, string][] = [
      [await signed("accepted"), 403, "signature-not-yours"],
      [await signed("conditionally-accepted", Wallet.createRandom()), 403, "signature-not-yours"],
      [await signed("conditionally-accepted", person, { journeyId: hexlify(randomBytes(32)) }), 403, "signature-not-yours"],
      [{ ...good, reasonSalt: hexlify(randomBytes(32)) }, 403, "signature-not-yours"],
      [{ ...good, signedAt: new Date(Date.now() - 90_000_000).toISOString() }, 403, "signature-stale"],
      [{ ...good, signature: `0x${"00".repeat(65)}` }, 403, "signature-invalid"],
    ];
    for (const [extra, status, code] of refusals) {
      const answer = await decide(journeyId, qualified, "conditionally-accepted", extra);
      expect([answer.status, answer.body.type]).toEqual([status, `urn:threadline:problem:${code}`]);
    }
    expect((await decide(journeyId, qualified, "conditionally-accepted", { signature: good.signature })).status).toBe(400);
    const ahead = { ...(await signed("conditionally-accepted", person, { number: 7 })), number: 7 };
    expect((await decide(journeyId, qualified, "conditionally-accepted", ahead)).body.detail).toContain("signature-stale");
    expect((await decide(journeyId, qualified, "conditionally-accepted", good)).status).toBe(201);
    const { history } = await view(journeyId);
    expect(history).toMatchObject([{ what: "conditionally-accepted", signer: person.address.toLowerCase(), hostedKey: false }]);
    await decide(journeyId, assurance, "on-hold");
    expect((await decide(journeyId, qualified, "accepted", { ...good })).status).toBe(403);
  });

  it("takes an out-of-specification batch its own way, with the authority's clock, and never certifies it", async () => {
    const journeyId = await received();
    const early = await take(journeyId, manufacturer, "risk-evaluation");
    expect([early.status, early.body.type]).toEqual([409, "urn:threadline:problem:out-of-order"]);
    expect((await take(journeyId, manufacturer, "request")).status).toBe(403);
    expect((await take(journeyId, clinic, "request")).status).toBe(201);
    expect((await decide(journeyId, qualified, "accepted")).status).toBe(409);
    expect((await take(journeyId, manufacturer, "risk-evaluation")).status).toBe(201);
    expect((await decide(journeyId, qualified, "oos-exceptional-release")).status).toBe(409);
    expect((await take(journeyId, clinic, "confirmation")).status).toBe(201);
    expect((await decide(journeyId, qualified, "oos-exceptional-release")).status).toBe(201);
    const running = (await view(journeyId)).authorityNotification;
    expect(running).toMatchObject({ status: "running", notifiedAt: null, acknowledged: false });
    expect(running.secondsLeft).toBeGreaterThan(7_000);
    expect(Date.parse(running.dueAt) - Date.parse(running.releasedAt)).toBe(7_200_000);
    expect((await release(journeyId, "certification")).status).toBe(409);
    const checks = await qualified.api("GET", `/journeys/${journeyId}/gates/shipment/checks`);
    expect(checks.body).toEqual({
      gate: "shipment",
      releasable: true,
      checks: [
        { check: "gate", name: "certification", status: "completed" },
        { check: "no-open-exception", name: null, status: "compliant" },
        { check: "disposition", name: null, status: "completed" },
      ],
    });
    expect((await release(journeyId, "shipment")).status).toBe(201);

    const clock = (secondsLater: number) =>
      createAuthorityClock({
        database: oracle.database, logger: pino({ level: "silent" }), onOperation: () => relay.notify(), sweepMilliseconds: 3_600_000,
        now: () => Promise.resolve(Math.floor(Date.now() / 1000) + secondsLater),
      });
    const onTime = clock(7_000);
    expect(await onTime.sweep()).toBe(0);
    await onTime.close();
    const overdue = clock(7_300);
    expect(await overdue.sweep()).toBe(1);
    expect(await overdue.sweep()).toBe(0);
    await overdue.close();
    await settled(journeyId);
    const { exceptions } = (await authority.api("GET", `/journeys/${journeyId}/exceptions`)).body;
    expect(exceptions).toMatchObject([{ code: "authority-notification-overdue", limit: 7_200, unit: "seconds" }]);

    expect((await take(journeyId, manufacturer, "authority-notification")).status).toBe(201);
    expect((await take(journeyId, authority, "authority-acknowledgement")).status).toBe(201);
    expect((await view(journeyId)).authorityNotification).toMatchObject({ status: "in-time", acknowledged: true, secondsLeft: null });
    expect((await view(journeyId)).exceptionalRelease).toBe("authority-acknowledged");
  });

  it("recalls on a late positive result after the first stage: holds the second, lists every holder, counts who heard", async () => {
    const journeyId = await received();
    for (const gate of ["certification", "shipment"]) expect((await release(journeyId, gate)).status).toBe(201);
    expect((await qualified.api("GET", `/journeys/${journeyId}/recall`)).body).toMatchObject({ recalls: [], standing: false, holders: [] });
    expect((await clinic.api("POST", `/journeys/${journeyId}/recall/acknowledgements`, { recalls: 1 })).status).toBe(409);
    await lateResult(journeyId);
    const final = await release(journeyId, "final");
    expect(final.status).toBe(409);
    expect(final.body.checks.map((check: { check: string }) => check.check)).toEqual(["no-open-exception", "disposition"]);
    const recall = (await qualified.api("GET", `/journeys/${journeyId}/recall`)).body;
    expect(recall).toMatchObject({ standing: true, recalls: [{ number: 0, code: "positive-late-result" }] });
    expect(recall.holders.map((holder: { gln: string; holds: string; acknowledgedAt: string | null }) => [holder.gln, holder.holds, holder.acknowledgedAt])).toEqual([
      [manufacturer.gln, "now", null],
      [clinic.gln, "before", null],
    ]);
    expect((await clinic.api("POST", `/journeys/${journeyId}/recall/acknowledgements`, { recalls: 1 })).status).toBe(201);
    const heardOf = (await qualified.api("GET", `/journeys/${journeyId}/recall`)).body.holders;
    expect(heardOf.filter((holder: { acknowledgedRecalls: number }) => holder.acknowledgedRecalls === 1)).toMatchObject([{ gln: clinic.gln }]);
    expect(heard.filter(({ type }) => type === "recall").map(({ data }) => data["status"])).toEqual(["raised", "acknowledged"]);
    expect((await courier.api("GET", `/journeys/${journeyId}/recall`)).status).toBe(404);
    expect((await view(journeyId)).recalled).toBe(true);
    expect((await decide(journeyId, qualified, "rejected")).status).toBe(201);
  });

  it("is the same in a read model made anew from the chain", async () => {
    await relay.flush();
    await indexer.catchUp();
    expect(await stateDigest(oracle.database)).toBe(await chainDigest(network.ledger));
    await indexer.rebuild();
    const rows = await oracle.database.selectFrom("ledger_operations").select(["kind", "status"]).where("status", "not in", ["recorded", "refused"]).execute();
    expect(rows).toEqual([]);
  });
});
