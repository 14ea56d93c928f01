import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseEpcisEvent } from "../../services/model/epcis/index.ts";
import { startReceiver } from "../support/webhook-receiver.ts";
import type { Receiver } from "../support/webhook-receiver.ts";
import { anchorTrails } from "../../services/store/audit-anchors.ts";
import { replayJourney } from "../../services/verification/replay.ts";
import { verifyFieldDisclosure } from "../../services/verification/field-disclosure.ts";
import { present } from "./support.ts";
import type { Json } from "./support.ts";
import { playTherapy, secretsIn } from "./therapy.ts";
import type { Party } from "./therapy.ts";

let therapy: Awaited<ReturnType<typeof playTherapy>>;
let receiver: Receiver;
let payer: Party;
let regulator: Party;
let auditor: Party;
let courier: Party;
let laboratory: Party;
let hospital: Party;
const streamed: Record<string, string> = {};
let operations: { operationId: string; path: string }[];

beforeAll(async () => {
  receiver = await startReceiver();
  therapy = await playTherapy({ webhooks: { privateTargets: true, pollMilliseconds: 20 } });
  const { oracle, parties } = therapy;
  courier = parties["logistics-provider"];
  laboratory = parties["testing-laboratory"];
  hospital = parties["treatment-centre"];
  payer = await oracle.participant("payer");
  regulator = await oracle.participant("regulator");
  auditor = await oracle.participant("auditor");
  await therapy.grantMilestones(payer);
  await therapy.settled();
  const { body } = await oracle.operator("GET", "/openapi.json");
  operations = Object.entries(body.paths as Record<string, Record<string, { operationId: string }>>).flatMap(([path, methods]) =>
    methods["get"] === undefined ? [] : [{ operationId: methods["get"].operationId, path }],
  );
}, 120_000);
afterAll(async () => {
  await therapy?.close();
  await receiver?.close();
});

/** Addresses of everything there is to read, each placeholder filled with what this journey has. */
function addresses(party: Party, eventIds: readonly string[]): string[] {
  const { journeyId, labelId, coi, parties } = therapy;
  const fill = (path: string) =>
    path
      .replace("{journeyId}", journeyId)
      .replace("{labelId}", labelId)
      .replace("{gate}", "release")
      .replace("{leg}", "inbound")
      .replace("{gln}", parties["treatment-centre"].gln)
      .replace("{giai}", "9506000134LOG1")
      .replace("{name}", "therapy")
      .replace("{version}", "1")
      .replace("{file}", "start.js")
      .replaceAll(/\{\w+\}/g, "unknown-name");
  return operations.flatMap(({ operationId, path }) => {
    // Tracing, a duty of the regulator's own, starts from an identifier and shows what it leads to.
    if (operationId === "streamJourney" || (operationId === "getGenealogy" && party === regulator)) return [];
    if (operationId === "getEvent") return eventIds.map((eventId) => `/events/${encodeURIComponent(eventId)}`);
    if (operationId === "queryEvents") return ["/events", `/events?MATCH_anyEPC=${encodeURIComponent(guess())}`];
    if (operationId === "getGenealogy") return [`/genealogy?of=${coi}`];
    return [fill(path)];
  });
}

/** A bag that the courier may suspect to be the journey's. */
const guess = () => `https://id.gs1.org/01/${present(therapy.secrets["bag"])}`;

async function readAll(party: Party): Promise<Map<string, string>> {
  const { body } = await party.api("GET", `/journeys/${therapy.journeyId}/events`);
  const eventIds = [...((body.events ?? []) as Json[]).map((entry) => entry.event?.eventID as string), ...therapy.events.map((event) => event.eventId as string)];
  const read = new Map<string, string>();
  for (const address of addresses(party, [...new Set(eventIds)])) {
    const { status, body: answer, headers } = await party.api("GET", address);
    expect([address, status >= 500]).toEqual([address, false]);
    const text = `${JSON.stringify([...headers])}${typeof answer === "string" ? answer : JSON.stringify(answer)}`;
    // An answer may repeat what was asked, which is the asker's own knowledge.
    const asked = [address, decodeURIComponent(address.split("/").at(-1) ?? ""), `"of":"${new URLSearchParams(address.split("?")[1]).get("of") ?? ""}"`];
    read.set(`${status} ${address}`, status >= 400 || address.startsWith("/genealogy") ? asked.reduce((left, part) => left.replaceAll(part, ""), text) : text);
  }
  return read;
}

async function stream(party: Party): Promise<void> {
  const controller = new AbortController();
  const response = await fetch(`${therapy.oracle.url}/journeys/${therapy.journeyId}/stream`, { headers: { authorization: `Bearer ${party.key}` }, signal: controller.signal });
  streamed[party.gln] = "";
  const reading = (async () => {
    try {
      for await (const chunk of present(response.body)) streamed[party.gln] += Buffer.from(chunk).toString();
    } catch {
      // Left.
    }
  })();
  await therapy.oracle.participant("payer");
  const step = { type: "ObjectEvent", eventTime: new Date().toISOString(), eventTimeZoneOffset: "+00:00", action: "OBSERVE", bizStep: "inspecting" };
  const context = { "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", { threadline: "https://threadline.example/epcis/" }] };
  await therapy.parties["manufacturing-site"].api("POST", "/events", { ...context, ...step, epcList: [guess()], "threadline:chainOfIdentity": therapy.coi, "threadline:step": "collect" });
  await therapy.settled();
  for (let tries = 0; tries < 200 && !(streamed[party.gln] ?? "").includes("event: exception"); tries += 1) await sleep(10);
  controller.abort();
  await reading;
}

describe("what a courier, a laboratory, a payer and the regulator can read of a therapy", () => {
  it("names neither its patient nor its material anywhere: every answer, the stream, the webhook", { timeout: 120_000 }, async () => {
    const { secrets } = therapy;
    expect((await courier.api("POST", "/webhooks", { url: receiver.url })).status).toBe(201);
    await stream(courier);
    expect(streamed[courier.gln]).toContain("event: custody-event");
    const leaks: Record<string, string[]> = {};
    for (const party of [courier, laboratory, payer, regulator])
      for (const [address, text] of await readAll(party)) {
        const found = secretsIn(text, secrets);
        if (found.length > 0) leaks[`${party.gln} ${address}`] = found;
      }
    expect(leaks).toEqual({});
    expect(secretsIn(streamed[courier.gln] ?? "", secrets)).toEqual([]);
    const told = await receiver.until(1);
    expect(secretsIn(JSON.stringify(told), secrets)).toEqual([]);
    // The same look finds them where they are due: the test is not blind.
    const whole = [...(await readAll(hospital))].map(([, text]) => text).join("\n");
    expect(secretsIn(whole, secrets)).toEqual(expect.arrayContaining(["Chain of Identity", "donation", "bag", "product", "name", "order", "hash of event 0"]));
  });

  it("answers a courier enough to carry: steps, places, shipments, readings, and its own events whole", async () => {
    const { body } = await courier.api("GET", `/journeys/${therapy.journeyId}/events`);
    const events = (body.events as Json[]).filter(({ sequence }) => sequence !== null);
    expect(events.slice(0, 3).map(({ step }) => step)).toEqual(["collect", "hand-over", "accept"]);
    expect(events[1].event).toMatchObject({ parentID: "https://id.gs1.org/00/340123451111111125", childEPCs: ["https://id.gs1.org/8003/09506000134376S1", expect.stringContaining(therapy.journeyId)] });
    expect(events[2].event).toMatchObject({ epcList: ["https://id.gs1.org/00/340123451111111125"], eventID: therapy.events[2].eventId });
    for (const { event } of events) expect(parseEpcisEvent(event, event["@context"])).toMatchObject({ ok: true });
    for (const path of ["", "/proofs", "/exceptions", "/clocks", "/milestones", "/releases"])
      expect((await courier.api("GET", `/journeys/${therapy.journeyId}${path}`)).status, path).toBe(200);
    const { body: exceptions } = await courier.api("GET", `/journeys/${therapy.journeyId}/exceptions`);
    const mixUp = exceptions.exceptions.find(({ code }: Json) => code === "identity-mismatch");
    expect(mixUp).toMatchObject({ class: "critical", observed: null, message: "The detail is not within your view." });
  });

  it("confirms no guess: an event is not found under a name, an EPC or a hash that is withheld", async () => {
    const asked = async (query: string) => (await courier.api("GET", `/events?${query}`)).body.epcisBody.queryResults.resultsBody.eventList.length as number;
    expect(await asked("")).toBeGreaterThan(5);
    expect(await asked(`MATCH_anyEPC=${encodeURIComponent(guess())}`)).toBe(0);
    const [collected] = therapy.events;
    expect(await asked(`EQ_eventID=${encodeURIComponent(collected.eventId)}`)).toBe(0);
    expect((await courier.api("GET", `/events/${encodeURIComponent(collected.eventId)}`)).status).toBe(404);
    const disclose = (eventId: string, ...paths: string[]) => courier.api("POST", `/journeys/${therapy.journeyId}/disclosures`, { eventId, paths });
    expect((await disclose(collected.eventId, "/eventTime")).status).toBe(404);
    const { body } = await courier.api("GET", `/journeys/${therapy.journeyId}/events`);
    const blinded = body.events[0].event.eventID as string;
    expect((await courier.api("GET", `/events/${encodeURIComponent(blinded)}`)).status).toBe(200);
    expect((await disclose(blinded, "/threadline:chainOfIdentity")).status).toBe(403);
    expect((await disclose(blinded, "text")).status).toBe(403);
    const shown = await disclose(blinded, "/eventTime", "/threadline:step");
    expect(shown.status).toBe(200);
    const report = await verifyFieldDisclosure({ rpcUrl: therapy.network.anvil.rpcUrl, addresses: therapy.network.addresses, document: shown.body });
    expect(report).toMatchObject({ verdict: "holds", event: { sequence: 0, step: "collect" } });
  });

  it("can be held against the ledger by each of them, and shows when a field was changed", async () => {
    const replay = (disclosure: unknown) =>
      replayJourney({ rpcUrl: therapy.network.anvil.rpcUrl, addresses: therapy.network.addresses, journeyId: therapy.journeyId, disclosure });
    for (const party of [courier, regulator, laboratory, auditor]) {
      const { status, body } = await party.api("GET", `/journeys/${therapy.journeyId}/disclosure`);
      expect(status).toBe(200);
      expect((await replay(body)).divergences, party.gln).toEqual([]);
    }
    const { body } = await courier.api("GET", `/journeys/${therapy.journeyId}/disclosure`);
    expect(body.withheld).toEqual(["quality", "content", "identity"]);
    const forged = structuredClone(body);
    const leaf = forged.events[0].shown.leaves.find(({ path }: Json) => path === "/eventTime");
    leaf.value = leaf.value.replace(/T\d\d/, "T00");
    expect((await replay(forged)).divergences).toEqual([expect.objectContaining({ kind: "event-altered", sequence: 0 })]);
    const exchanged = structuredClone(body);
    exchanged.events[0].shown = { ...exchanged.events[0].shown, leaves: exchanged.events[1].shown.leaves };
    expect((await replay(exchanged)).divergences.map(({ kind }) => kind)).toContain("event-altered");
    const silenced = structuredClone((await auditor.api("GET", `/journeys/${therapy.journeyId}/disclosure`)).body);
    silenced.exceptionDetails = [];
    expect((await replay(silenced)).divergences.map(({ kind }) => kind)).toContain("exception-missing");
  });
});

describe("a payer", () => {
  it("reads milestones of what it was granted, in the flow's order, and nothing else of a journey", async () => {
    const { status, body } = await payer.api("GET", `/journeys/${therapy.journeyId}/milestones`);
    expect(status).toBe(200);
    expect(body.milestones.map(({ kind, name, status: reached }: Json) => [kind, name, reached])).toEqual([
      ["step", "collect", "reached"],
      ["gate", "release", "pending"],
      ["step", "hand-over", "reached"],
      ["step", "accept", "reached"],
      ["step", "receive", "reached"],
    ]);
    const { body: listed } = await payer.api("GET", "/journeys");
    expect(listed.journeys).toEqual([expect.objectContaining({ journeyId: therapy.journeyId, chainOfIdentity: null })]);
    const readable = (await readAll(payer)).keys();
    const ofJourney = [...readable].filter((line) => line.includes(therapy.journeyId) && line.startsWith("200"));
    expect(ofJourney).toEqual([`200 /journeys/${therapy.journeyId}/milestones`]);
  });

  it("cannot be granted what its view withholds, nor can a courier; an auditor can", async () => {
    const grant = (recipient: Party, ...scopes: string[]) => hospital.api("POST", `/journeys/${therapy.journeyId}/grants`, { recipient: recipient.gln, scopes });
    for (const scopes of [["content"], ["identity"], ["milestones", "content"]])
      for (const recipient of [payer, courier]) expect((await grant(recipient, ...scopes)).body.type, scopes.join()).toBe("urn:threadline:problem:not-in-their-view");
    expect((await grant(auditor, "content")).body.type).toBe("urn:threadline:problem:no-encryption-key");
  });
});

describe("the trail of accesses", () => {
  it("tells hospital and authority who read what, whole and chained, and nobody else", async () => {
    const { journeyId } = therapy;
    await courier.api("GET", `/journeys/${journeyId}/disclosure`);
    await payer.api("GET", `/journeys/${journeyId}/disclosure`);
    const read = async (party: Party, query: string) => (await party.api("GET", `/audit/accesses?journeyId=${journeyId}${query}`)).body.accesses as Json[];
    const [courierRead] = await read(hospital, `&participant=${courier.gln}&operation=getDisclosure`);
    expect(courierRead).toMatchObject({ by: { gln: courier.gln }, roles: ["logistics-provider"], operation: "getDisclosure", journeyId, outcome: "shown", status: 200 });
    const [payerRead] = await read(auditor, `&participant=${payer.gln}&operation=getDisclosure`);
    expect(payerRead).toMatchObject({ outcome: "refused", status: 403 });
    expect((await hospital.api("GET", `/journeys/${journeyId}/labels/${therapy.labelId}.png`)).status).toBe(200);
    const labelled = await read(regulator, "&operation=getLabelPng&outcome=shown");
    expect(new Set(labelled.map(({ by }) => by.gln))).toEqual(new Set([hospital.gln]));
    for (const path of ["", "/events", "/proofs", "/exceptions"]) await payer.api("GET", `/journeys/${journeyId}${path}`);
    const refusals = await read(hospital, `&outcome=refused&participant=${payer.gln}`);
    expect(refusals.map(({ operation }) => operation)).toEqual(expect.arrayContaining(["getJourney", "listJourneyEvents", "listJourneyProofs", "listJourneyExceptions"]));
    expect((await courier.api("GET", "/audit/accesses")).status).toBe(403);
    const stranger = await therapy.oracle.participant("treatment-centre");
    expect(await read(stranger, "")).toEqual([]);
    const [ownReading] = await read(auditor, "&operation=listAccesses");
    expect(ownReading).toBeUndefined();
    const all = (await auditor.api("GET", "/audit/accesses?perPage=1000&operation=listAccesses")).body.accesses as Json[];
    expect(all.length).toBeGreaterThan(3);
    const { body: state } = await auditor.api("GET", "/audit/accesses/verification");
    expect(state).toMatchObject({ intact: true, firstBroken: null });
    expect(state.entries).toBeGreaterThan(100);
  });

  it("is anchored on the ledger with the patients' trail, by keyed hashes that tell nothing", async () => {
    const { database } = therapy.oracle;
    const verification = async (trail: string) => (await auditor.api("GET", `/${trail}/verification`)).body as Json;
    expect((await verification("audit/accesses")).anchor).toEqual({ state: "none", entries: 0, anchoredAt: null });
    expect(await anchorTrails(database)).toBe(2);
    expect(await anchorTrails(database)).toBe(0);
    therapy.wake();
    for (const trail of ["audit/accesses", "patients/audit"]) {
      let found = await verification(trail);
      for (let tries = 0; tries < 500 && found.anchor.state === "none"; tries += 1) {
        await sleep(20);
        found = await verification(trail);
      }
      expect(found).toMatchObject({ intact: true, anchor: { state: "agrees", anchoredAt: expect.any(String) } });
    }
    // The ledger answers before the index has caught up.
    const indexed = () => database.selectFrom("chain_audit_anchors").selectAll().execute();
    let rows = await indexed();
    for (let tries = 0; tries < 500 && rows.length < 2; tries += 1) {
      await sleep(20);
      rows = await indexed();
    }
    expect(new Set(rows.map(({ trail }) => trail)).size).toBe(2);
    const heads = await database.selectFrom("accesses").select("entry_hash").execute();
    for (const { head } of rows) expect(heads.map((row) => `0x${row.entry_hash}`)).not.toContain(head);
  });

  it("is seen to be cut or rewritten by who has database and secret, against its anchor", async () => {
    const { database } = therapy.oracle;
    const anchor = async () => (await auditor.api("GET", "/audit/accesses/verification")).body as Json;
    const { entries } = (await anchor()).anchor;
    await sql`alter table accesses disable trigger all`.execute(database);
    const from = await database.selectFrom("accesses").selectAll().where("access_number", ">=", entries - 2).orderBy("access_number").execute();
    await database.deleteFrom("accesses").where("access_number", ">=", entries - 2).execute();
    expect(await anchor()).toMatchObject({ intact: true, anchor: { state: "cut", entries } });
    // The node itself goes on writing, chained and sealed: an honest chain of another past.
    for (let entry = 0; entry < 4; entry += 1) await courier.api("GET", `/journeys/${therapy.journeyId}`);
    expect(await anchor()).toMatchObject({ intact: true, anchor: { state: "rewritten", entries } });
    await database.deleteFrom("accesses").where("access_number", ">=", entries - 2).execute();
    await database.insertInto("accesses").values(from).execute();
    expect(await anchor()).toMatchObject({ intact: true, anchor: { state: "agrees" } });
    await sql`alter table accesses enable trigger all`.execute(database);
  });

  it("is broken by a changed, a taken-out and a forged entry, whoever owns the database", async () => {
    const { database } = therapy.oracle;
    const state = async () => (await auditor.api("GET", "/audit/accesses/verification")).body;
    await expect(database.deleteFrom("accesses").execute()).rejects.toThrow(/only ever appended/);
    await expect(database.updateTable("accesses").set({ roles: "auditor" }).execute()).rejects.toThrow(/only ever appended/);
    await sql`alter table accesses disable trigger all`.execute(database);
    const row = await database.selectFrom("accesses").selectAll().where("access_number", "=", 20).executeTakeFirstOrThrow();
    for (const change of [{ participant_id: "0xsomebody" }, { status: 404 }, { seal: "00" }, { previous_hash: "0".repeat(64) }]) {
      await database.updateTable("accesses").set(change).where("access_number", "=", 20).execute();
      expect(await state(), JSON.stringify(change)).toMatchObject({ intact: false, firstBroken: 20 });
      await database.updateTable("accesses").set(row).where("access_number", "=", 20).execute();
    }
    expect(await state()).toMatchObject({ intact: true });
    await database.deleteFrom("accesses").where("access_number", "=", 20).execute();
    expect(await state()).toMatchObject({ intact: false, firstBroken: 21 });
  });
});
