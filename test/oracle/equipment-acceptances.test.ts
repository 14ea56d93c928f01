import { Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chainDigest, stateDigest } from "../../services/ledger/digest.ts";
import { EQUIPMENT_ACCEPTANCE_TYPES, threadlineDomain } from "../../services/model/custody/index.ts";
import type { LedgerNetwork } from "../support/ledger-network.ts";
import { startLedgerOracle } from "./ledger-oracle.ts";
import type { LedgerOracle } from "./ledger-oracle.ts";
import { FLOW, bareEvent, newIdentity } from "./support.ts";
import type { TestOracle } from "./support.ts";

const NOW = Math.floor(Date.now() / 1000) - 6 * 3600;
const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
const flow = {
  ...FLOW,
  name: "shipped",
  legs: [{ leg: "inbound", from: "hand-over", to: "accept", profile: "fresh", shipper: true }, { leg: "other", from: "hand-over", to: "accept", profile: "fresh" }],
  gates: [{ gate: "release", title: "Release", roles: ["qualified-person"], requiredLegs: ["inbound"] }],
};

type Participant = Awaited<ReturnType<TestOracle["participant"]>>;
let ledgerOracle: LedgerOracle;
let network: LedgerNetwork;
let oracle: TestOracle;
let courier: Participant;
let clinic: Participant;
let assurance: Participant;
let qualified: Participant;
const heard: string[] = [];

beforeAll(async () => {
  ledgerOracle = await startLedgerOracle();
  ({ network, oracle } = ledgerOracle);
  ledgerOracle.notifications.subscribe(({ type }) => heard.push(type));
  courier = await oracle.participant("logistics-provider");
  clinic = await oracle.participant("apheresis-centre");
  assurance = await oracle.participant("quality-assurance");
  qualified = await oracle.participant("qualified-person");
  expect((await oracle.operator("POST", "/flows", flow)).status).toBeLessThan(300);
}, 120_000);

afterAll(async () => {
  await ledgerOracle?.close();
});

const settled = (journeyId: string) => ledgerOracle.settled(journeyId);

/** A journey whose leg went in a shipper and over a lane that nobody knows. */
async function shipped() {
  const coi = newIdentity();
  const { body } = await oracle.operator("POST", "/journeys", { chainOfIdentity: coi, flow: { name: flow.name, version: 1 } });
  const journeyId = body.journeyId as string;
  await oracle.operator("POST", `/journeys/${journeyId}/legs/inbound/shipper`, { grai: "09506000134352STRAY", lane: "by-hand", assignedAt: iso(NOW + 600) });
  for (const [by, step, at] of [[clinic, "collect", NOW], [clinic, "hand-over", NOW + 600], [courier, "accept", NOW + 1200]] as const)
    await by.api("POST", "/events", bareEvent({ eventTime: iso(at), "threadline:chainOfIdentity": coi, "threadline:step": step }));
  await settled(journeyId);
  return journeyId;
}

async function numberOf(journeyId: string, code: string): Promise<number> {
  const { body } = await oracle.operator("GET", `/journeys/${journeyId}/exceptions`);
  return body.exceptions.find((exception: { code: string }) => exception.code === code).number;
}

async function acceptException(journeyId: string, code: string): Promise<number> {
  const number = await numberOf(journeyId, code);
  for (const [by, to] of [[assurance, "classified"], [assurance, "under-assessment"], [assurance, "acceptance-proposed"], [qualified, "accepted"]] as const)
    expect((await by.api("POST", `/journeys/${journeyId}/exceptions/${number}/transitions`, { to, reason: "Written out in the record." })).status).toBe(201);
  return number;
}

const path = (journeyId: string, leg = "inbound") => `/journeys/${journeyId}/legs/${leg}/shipper/acceptances`;
const accept = (journeyId: string, body: object, by: Participant = qualified) => by.api("POST", path(journeyId), body);
const gate = async (journeyId: string) =>
  (await oracle.operator("GET", `/journeys/${journeyId}/gates/release/checks`)).body.checks.find(({ check }: { check: string }) => check === "equipment");

describe("accepting what carried a leg", () => {
  it("takes a hosted key's signature for shippers and for lanes, each by its own exception; the check is then completed", async () => {
    const journeyId = await shipped();
    expect((await oracle.operator("GET", path(journeyId))).body).toEqual({ leg: "inbound", accepted: [], assignments: 1, open: ["shipper-not-qualified", "lane-not-qualified"] });
    const shipper = await acceptException(journeyId, "shipper-not-qualified");
    const lane = await acceptException(journeyId, "lane-not-qualified");
    expect(await accept(journeyId, { exceptionNumber: shipper })).toEqual(
      expect.objectContaining({ status: 201, body: { leg: "inbound", code: "shipper-not-qualified", assignments: 1, exceptionNumber: shipper, recorded: true } }),
    );
    expect(await gate(journeyId)).toMatchObject({ status: "not-compliant" });
    expect((await accept(journeyId, { exceptionNumber: lane })).status).toBe(201);
    expect(await gate(journeyId)).toMatchObject({ status: "completed" });
    const { body } = await oracle.operator("GET", path(journeyId));
    expect(body).toMatchObject({ assignments: 1, open: [] });
    expect(body.accepted.map(({ code, exceptionNumber }: { code: string; exceptionNumber: number }) => [code, exceptionNumber])).toEqual([
      ["shipper-not-qualified", shipper],
      ["lane-not-qualified", lane],
    ]);
    expect(heard).toContain("equipment-acceptance");
    expect(await accept(journeyId, { exceptionNumber: lane })).toMatchObject({ status: 409, body: { type: "urn:threadline:problem:nothing-to-accept" } });
    expect(await stateDigest(oracle.database)).toBe(await chainDigest(network.ledger));
  }, 60_000);

  it("takes one's own signature over exactly what it records, and none of another's, of another count, or too old", async () => {
    const journeyId = await shipped();
    const exceptionNumber = await acceptException(journeyId, "shipper-not-qualified");
    const own = Wallet.createRandom();
    const { status } = await oracle.operator("POST", `/participants/${qualified.gln}/persons`, { name: "Dr. Example", account: own.address });
    expect(status).toBeLessThan(300);
    const signedAt = Math.floor(Date.now() / 1000);
    const sign = async (change: object = {}, wallet: { signTypedData: Wallet["signTypedData"] } = own) => {
      const value = { journeyId, leg: 0, assignments: 1, exceptionNumber, signedAt, ...change };
      const domain = threadlineDomain(network.ledger.chainId, network.ledger.addresses.equipmentRegistry);
      const { assignments, signedAt: at } = value;
      return { exceptionNumber, assignments, signedAt: iso(at), signature: await wallet.signTypedData(domain, EQUIPMENT_ACCEPTANCE_TYPES, value) };
    };
    expect(await accept(journeyId, await sign({}, Wallet.createRandom()))).toMatchObject({ status: 403, body: { type: "urn:threadline:problem:signature-not-yours" } });
    expect(await accept(journeyId, { ...(await sign({ leg: 1 })) })).toMatchObject({ status: 403, body: { type: "urn:threadline:problem:signature-not-yours" } });
    expect(await accept(journeyId, await sign({ assignments: 2 }))).toMatchObject({ status: 409, body: { type: "urn:threadline:problem:assigned-since", assignments: 1 } });
    expect(await accept(journeyId, await sign({ signedAt: signedAt - 90_000 }))).toMatchObject({ status: 403, body: { type: "urn:threadline:problem:signature-stale" } });
    expect((await accept(journeyId, { exceptionNumber, signedAt: iso(signedAt) })).status).toBe(400);
    await vouchedFor(own.address);
    expect((await accept(journeyId, await sign())).status).toBe(201);
    const row = await oracle.database.selectFrom("chain_equipment_acceptances").selectAll().where("journey_id", "=", journeyId).executeTakeFirst();
    expect(row).toMatchObject({ signer: own.address.toLowerCase(), assignments: 1, exception_number: exceptionNumber });
  }, 60_000);

  it("refuses an exception that is not accepted, of another leg or kind, or unknown, and whoever is no qualified person", async () => {
    const journeyId = await shipped();
    const number = await numberOf(journeyId, "shipper-not-qualified");
    expect(await accept(journeyId, { exceptionNumber: number })).toMatchObject({ status: 409, body: { type: "urn:threadline:problem:not-accepted" } });
    expect(await qualified.api("POST", path(journeyId, "other"), { exceptionNumber: number })).toMatchObject({ status: 409, body: { type: "urn:threadline:problem:another-leg" } });
    expect(await accept(journeyId, { exceptionNumber: 99 })).toMatchObject({ status: 404, body: { type: "urn:threadline:problem:unknown-exception" } });
    expect((await qualified.api("POST", path(journeyId, "nowhere"), { exceptionNumber: number })).status).toBe(404);
    for (const by of [assurance, courier, clinic]) expect((await accept(journeyId, { exceptionNumber: number }, by)).status).toBe(403);
  }, 60_000);
});

/** The ledger knows the account once the operation that adds it is mined. */
async function vouchedFor(account: string): Promise<void> {
  for (;;) {
    const row = await oracle.database.selectFrom("chain_accounts").select("account").where("account", "=", account.toLowerCase()).executeTakeFirst();
    if (row !== undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
