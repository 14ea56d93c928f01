import { getBytes, hexlify } from "ethers";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { journeyIdOf } from "../../../services/model/custody/index.ts";
import { eventHashBytes } from "../../../services/model/epcis/index.ts";
import { eventCommitment } from "../../../services/model/privacy/index.ts";
import type { SubjectEraser } from "../../../services/store/erasure/eraser.ts";
import { eraseSubject } from "../../../services/store/erasure/erase-subject.ts";
import { STORE_ERASERS } from "../../../services/store/erasure/erasers.ts";
import { journeyEraser } from "../../../services/store/erasure/journey-eraser.ts";
import { eventHashIndex, eventIdIndex, openEvents, vaultOf } from "../../../services/store/vault/index.ts";
import { bareEvent, CONTEXT, documentOf, newBag, newIdentity, openJourney, present, startOracle } from "../support.ts";
import type { TestOracle } from "../support.ts";

const asked: { journeyId: string; chainOfIdentity: string | null; isTraceabilityKept: boolean }[] = [];
const translator: SubjectEraser = {
  name: "another part",
  erase: (_transaction, subject) => {
    asked.push(subject);
    return Promise.resolve([{ what: "what another part kept", count: 1 }]);
  },
};

let oracle: TestOracle;
beforeAll(async () => {
  oracle = await startOracle({}, { erasers: [translator] });
});
afterAll(() => oracle.close());

/** The whole small domain the secret is taken from: whole kilograms. */
const WEIGHTS = Array.from({ length: 141 }, (_, index) => 20 + index);

async function journeyWithWeight(weight: number, more: Record<string, unknown> = {}) {
  const hospital = await oracle.participant("apheresis-centre");
  const opened = await openJourney(oracle);
  const bag = newBag();
  const eventID = `urn:uuid:${crypto.randomUUID()}`;
  const bodyWith = (value: number) => {
    const { "@context": _context, ...body } = bareEvent({ eventID, epcList: [bag], "threadline:chainOfIdentity": opened.coi, "threadline:step": "collect", "threadline:weightKilograms": value, ...more });
    return body;
  };
  const event = { "@context": CONTEXT, ...bodyWith(weight) };
  expect((await hospital.api("POST", "/events", event)).status).toBe(201);
  const { commitment } = await oracle.database.selectFrom("events").select("commitment").where("journey_id", "=", opened.journeyId).executeTakeFirstOrThrow();
  return { ...opened, hospital, bag, eventID, bodyWith, event, commitment: present(commitment) };
}

type Known = Awaited<ReturnType<typeof journeyWithWeight>>;

/** Every row of every table, as one text. */
async function everything(): Promise<string> {
  const { rows: tables } = await sql<{ name: string }>`select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(oracle.database);
  const texts = await Promise.all(tables.map(async ({ name }) => JSON.stringify((await sql`select * from ${sql.table(name)}`.execute(oracle.database)).rows)));
  return texts.join("\n");
}

/** Salts an attacker can try who has the database, the node's secret and every key it can still unwrap. */
async function salts(): Promise<Set<string>> {
  const rows = await oracle.database.selectFrom("events").selectAll().execute();
  const opened = await openEvents(oracle.database, rows);
  const inClear = [...(await everything()).matchAll(/(?<![0-9a-f])(?:0x)?([0-9a-f]{64})(?![0-9a-f])/g)].map((match) => `0x${match[1] ?? ""}`);
  return new Set([...opened.flatMap((row) => (row.salt === null ? [] : [row.salt])), ...inClear, hexlify(new Uint8Array(32))]);
}

/** The weights for which the attacker, who knows all else of the event, finds the commitment on the ledger. */
async function foundByCommitment({ bodyWith, commitment }: Known, tried: Iterable<string>): Promise<number[]> {
  const candidates = WEIGHTS.map((weight) => {
    const body = { "@context": CONTEXT, ...bodyWith(weight) };
    return { weight, hash: eventHashBytes(body as never, CONTEXT), text: { body: JSON.stringify(body), context: JSON.stringify(CONTEXT) }, bare: { body: JSON.stringify(bodyWith(weight)), context: JSON.stringify(CONTEXT) } };
  });
  const found = new Set<number>();
  for (const salt of tried)
    for (const { weight, hash, text, bare } of candidates)
      if ([text, bare].some((each) => eventCommitment(hash, each, getBytes(salt)) === commitment)) found.add(weight);
  return [...found];
}

/** The weights whose blind index, made with the node's own secret, stands in the database. */
async function foundByIndex({ bodyWith, eventID }: Known): Promise<number[]> {
  const vault = vaultOf(oracle.database);
  const stored = await everything();
  expect(stored.includes(eventIdIndex(vault, eventID))).toBe(stored.includes(eventHashIndex(vault, hexlify(eventHashBytes(bodyWith(83) as never, CONTEXT)))));
  return WEIGHTS.filter((weight) => stored.includes(eventHashIndex(vault, hexlify(eventHashBytes(bodyWith(weight) as never, CONTEXT)))));
}

describe("erasure", () => {
  it("leaves nothing by which a known event can be tied to the ledger, however few values it could have had", { timeout: 240_000 }, async () => {
    const known = await journeyWithWeight(83);
    const rows = await oracle.database.selectFrom("events").selectAll().where("journey_id", "=", known.journeyId).execute();
    const opened = present((await openEvents(oracle.database, rows))[0]);
    const salt = present(opened.salt);
    expect(opened.body).toContain("83");
    expect(await salts()).toContain(salt);
    expect(await foundByCommitment(known, [salt])).toEqual([83]);
    expect(await foundByIndex(known)).toEqual([83]);

    const { status, body: answer } = await oracle.operator("POST", "/erasures", { subject: known.coi, reason: "request of the person concerned" });
    expect(status).toBe(200);
    expect(answer.erased).toContainEqual({ what: "events with their texts, contexts and salts", count: 1 });

    const left = await salts();
    expect(left).not.toContain(salt);
    expect(await foundByCommitment(known, left)).toEqual([]);
    expect(await foundByIndex(known)).toEqual([]);
    expect(await everything()).not.toContain(salt.slice(2));
  });

  it("keeps the link that traceability needs, says why and until when, and erases it once that time is over", async () => {
    const { journeyId, coi, hospital } = await journeyWithWeight(70, { action: "ADD", ilmd: { "cbvmda:itemExpirationDate": "2026-09-30" } });
    const { body } = await oracle.operator("POST", "/erasures", { subject: coi.toLowerCase(), reason: "consent withdrawn" });
    expect(body.kept).toEqual({ what: expect.stringContaining("Chain of Identity"), why: expect.stringMatching(/1394\/2007, Article 15.*17\(3\)\(b\)/), until: "2056-09-30", readers: ["regulator", "qualified-person"], parts: expect.any(Array) });
    expect(body.kept.parts).toEqual([
      { what: expect.stringContaining("genealogy"), count: 1 },
      { what: expect.stringContaining("Chain of Identity"), count: 1 },
    ]);
    expect(asked.at(-1)).toEqual({ journeyId, chainOfIdentity: coi, isTraceabilityKept: true });
    const identitySeenBy = async ({ api }: { api: TestOracle["operator"] }) => {
      const listed = (await api("GET", "/journeys")).body.journeys.find((journey: { journeyId: string }) => journey.journeyId === journeyId);
      const edges = (await api("GET", `/genealogy?of=${coi}`)).body.edges?.length ?? 0;
      return [(await api("GET", `/journeys/${journeyId}`)).body.chainOfIdentity, listed.chainOfIdentity, edges];
    };
    expect(await identitySeenBy(hospital)).toEqual([null, null, 0]);
    expect(await identitySeenBy(await oracle.participant("quality-assurance", "auditor"))).toEqual([null, null, 0]);
    expect(await identitySeenBy({ api: oracle.operator })).toEqual([null, null, 0]);
    for (const tracer of ["regulator", "qualified-person"] as const) expect(await identitySeenBy(await oracle.participant(tracer))).toEqual([coi, coi, 1]);

    const later = present(await eraseSubject(oracle.database, STORE_ERASERS, { subject: coi, reason: "retention ended" }, Date.parse("2056-10-01T12:00:00Z")));
    expect(later.kept).toBeNull();
    for (const tracer of ["regulator", "qualified-person"] as const) expect((await identitySeenBy(await oracle.participant(tracer))).slice(0, 2)).toEqual([null, null]);
    expect((await oracle.operator("POST", "/erasures", { subject: coi, reason: "again" })).status).toBe(404);
    expect((await oracle.operator("POST", "/erasures", { subject: journeyId, reason: "again" })).body.kept).toBeNull();
    const records = await oracle.database.selectFrom("erasures").selectAll().where("journey_id", "=", journeyId).orderBy("erasure_number").execute();
    expect(records.map((record) => [record.is_link_kept, record.kept_until])).toEqual([[true, "2056-09-30"], [false, null], [false, null]]);
    expect(JSON.stringify(records)).not.toContain(coi);
  });

  it("erases the link at once where no material was recorded, salts of the ledger's commitments included", async () => {
    const { journeyId, coi } = await openJourney(oracle, { epcs: [newBag()] });
    const before = await everything();
    const { body } = await oracle.operator("POST", "/erasures", { subject: coi, reason: "never collected" });
    expect(body.kept).toBeNull();
    const journey = await oracle.database.selectFrom("journeys").selectAll().where("journey_id", "=", journeyId).executeTakeFirstOrThrow();
    expect(journey).toMatchObject({ sealed_identity: null, identity_index: expect.stringMatching(/^erased:[0-9a-f]{64}$/) });
    expect(before).toContain(journey.identity_commitment);
    for (const salt of await salts()) expect(journeyIdOf(coi, getBytes(salt))).not.toBe(journeyId);
    const keys = await oracle.database.selectFrom("journey_keys").select(["wrapped_key", "destroyed_at_milliseconds"]).where("journey_id", "=", journeyId).execute();
    expect(keys.every((key) => key.wrapped_key === null && key.destroyed_at_milliseconds !== null)).toBe(true);
  });

  it("erases what names the subject though no journey holds it, and nothing that names others", async () => {
    const hospital = await oracle.participant("apheresis-centre", "manufacturing-site");
    const [coi, other] = [newIdentity(), newIdentity()];
    const [bag, vial] = [newBag(), newBag()];
    const early = (named: string, more: object = {}) => bareEvent({ eventID: `urn:uuid:${crypto.randomUUID()}`, "threadline:chainOfIdentity": named, "threadline:weightKilograms": 77.0625, ...more });
    const transformed = { type: "TransformationEvent", bizStep: "creating_class_instance", inputEPCList: [bag], outputEPCList: [vial], epcList: undefined, action: undefined };
    const [mine, theirs] = [early(coi), early(other)];
    for (const event of [mine, theirs, early(coi, transformed)]) expect((await hospital.api("POST", "/events", event)).status).toBe(201);
    expect((await hospital.api("POST", "/events", { ...mine, bizStep: "packing" })).status).toBe(409);
    const { status, body: opened } = await oracle.operator("POST", "/journeys", { chainOfIdentity: coi, flow: { name: "car-t", version: 1 } });
    expect(status, JSON.stringify(opened)).toBe(201);
    await hospital.api("POST", "/capture", { ...documentOf(early(coi, { eventID: mine["eventID"], bizStep: "packing" })) });

    const { body } = await oracle.operator("POST", "/erasures", { subject: coi, reason: "never collected" });
    expect(body.kept).toBeNull();
    const counts = new Map(body.erased.map(({ what, count }: { what: string; count: number }) => [what, count]));
    expect(counts.get("events of no journey that name the subject")).toBe(2);
    expect(counts.get("edges of no journey that name the subject")).toBe(1);
    expect((await hospital.api("GET", `/events/${encodeURIComponent(String(mine["eventID"]))}`)).status).toBe(404);
    expect((await hospital.api("GET", `/events/${encodeURIComponent(String(theirs["eventID"]))}`)).status).toBe(200);
    const left = await openEvents(oracle.database, await oracle.database.selectFrom("events").selectAll().where("journey_id", "is", null).execute());
    expect(left.filter(({ body: text }) => text.includes(coi))).toEqual([]);
    expect(left.filter(({ body: text }) => text.includes(other))).toHaveLength(1);
  });

  it("answers 410 for what is gone, and the rest of the journey as before", async () => {
    const { journeyId, hospital, eventID, event } = await journeyWithWeight(64);
    await hospital.api("POST", "/scans", { raw: "&/CHG123426WRONG2", journeyId });
    await oracle.operator("POST", "/erasures", { subject: journeyId, reason: "request" });
    const gone = await hospital.api("GET", `/journeys/${journeyId}/events`);
    expect([gone.status, gone.body.type]).toEqual([410, "urn:threadline:problem:erased"]);
    expect((await hospital.api("POST", `/journeys/${journeyId}/disclosures`, { eventId: eventID, paths: ["/type"] })).status).toBe(410);
    expect((await hospital.api("POST", "/scans", { raw: "&/CHG123426WRONG2", journeyId })).status).toBe(410);
    expect((await hospital.api("GET", `/events/${encodeURIComponent(eventID)}`)).status).toBe(404);
    const { body: exceptions } = await hospital.api("GET", `/journeys/${journeyId}/exceptions`);
    expect(exceptions.exceptions).toEqual([expect.objectContaining({ code: "identity-mismatch", message: "The detail was erased.", observed: null })]);
    const { body: disclosure } = await hospital.api("GET", `/journeys/${journeyId}/disclosure`);
    expect(disclosure).toMatchObject({ erasedAt: expect.stringMatching(/Z$/), events: [], exceptionDetails: [] });
    expect((await hospital.api("GET", `/journeys/${journeyId}`)).status).toBe(200);
    expect((await hospital.api("GET", "/journeys")).body.journeys).toContainEqual(expect.objectContaining({ journeyId, chainOfIdentity: null }));
    expect((await hospital.api("GET", "/events")).status).toBe(200);
    const again = await hospital.api("POST", "/events", event);
    expect([again.status, again.body.detail]).toEqual([400, expect.stringContaining("erased on the subject's request")]);
  });

  it("is whole or not at all, and only the operator's", async () => {
    const { journeyId, coi, hospital } = await journeyWithWeight(55);
    const failing: SubjectEraser = { name: "failing", erase: () => Promise.reject(new Error("the other part is down")) };
    await expect(eraseSubject(oracle.database, [journeyEraser, failing], { subject: coi, reason: "request" })).rejects.toThrow("the other part is down");
    expect((await hospital.api("GET", `/journeys/${journeyId}/events`)).body.events).toHaveLength(1);
    expect((await hospital.api("POST", "/erasures", { subject: coi, reason: "mine" })).status).toBe(403);
    expect((await oracle.operator("POST", "/erasures", { subject: "CHG123426NOBODY", reason: "x" })).status).toBe(404);
  });
});
