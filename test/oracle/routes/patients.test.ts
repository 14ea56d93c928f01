import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Answered, Api, TestOracle } from "../support.ts";
import { FLOW, newIdentity, present, startOracle } from "../support.ts";

let oracle: TestOracle;
let hospital: Awaited<ReturnType<TestOracle["participant"]>>;
let site: Awaited<ReturnType<TestOracle["participant"]>>;
let auditor: Awaited<ReturnType<TestOracle["participant"]>>;

const SYSTEM = "urn:oid:2.16.840.1.113883.19.5";
const AUTHORITY = "HOSP&2.16.840.1.113883.19.5&ISO";
const mrn = (value: string) => ({ system: SYSTEM, value });
const TOMORROW = new Date(Date.now() + 86_400_000).toISOString();

beforeAll(async () => {
  oracle = await startOracle();
  hospital = await oracle.participant("treatment-centre");
  site = await oracle.participant("manufacturing-site");
  auditor = await oracle.participant("auditor");
  await oracle.operator("POST", "/flows", FLOW);
});
afterAll(() => oracle.close());

async function register(value: string, api: Api = hospital.api): Promise<string> {
  const { status, body } = await api("POST", "/patients/identifiers", { identifier: mrn(value) });
  expect([200, 201]).toContain(status);
  return (body as { pseudonym: string }).pseudonym;
}

async function openJourney(patient: unknown, api: Api = hospital.api): Promise<Answered> {
  return api("POST", "/journeys", { chainOfIdentity: newIdentity(), flow: { name: "car-t", version: 1 }, patient });
}

function flagged() {
  return oracle.database.selectFrom("exception_details").selectAll().where("code", "=", "patient-merge-conflict").execute();
}

describe("identifiers and pseudonyms", () => {
  it("are registered once and looked up after", async () => {
    const first = await hospital.api("POST", "/patients/identifiers", { identifier: mrn("1") });
    expect(first).toMatchObject({ status: 201, body: { domain: `organisation-${hospital.gln}` } });
    expect(await hospital.api("POST", "/patients/identifiers", { identifier: mrn("1") })).toMatchObject({ status: 200, body: first.body });
    for (const identifier of [mrn(""), mrn(" 1"), { system: "MRN", value: "1" }, { ...mrn("1"), name: "Jane" }])
      expect((await hospital.api("POST", "/patients/identifiers", { identifier })).status).toBe(400);
  });

  it("go from the hospital to the site by consent, and back to the hospital's identifier by consent only", async () => {
    const pseudonym = await register("2");
    const domain = `organisation-${site.gln}`;
    const ask = { pseudonym, domain, purpose: "treatment" };
    expect(await hospital.api("POST", "/patients/translations", ask)).toMatchObject({
      status: 403,
      body: { type: "urn:threadline:problem:look-up-not-allowed" },
    });
    const consent = { patient: mrn("2"), purpose: "treatment", domain, expiresAt: TOMORROW };
    const translation = await hospital.api("POST", "/consents", { ...consent, scope: "translation", grantee: hospital.gln });
    expect(translation).toMatchObject({ status: 201, body: { givenBy: hospital.gln, grantee: hospital.gln, revokedAt: null } });
    expect(JSON.stringify(translation.body)).not.toContain(pseudonym);
    const translated = await hospital.api("POST", "/patients/translations", ask);
    expect(translated.status).toBe(200);
    const back = { pseudonym: (translated.body as { pseudonym: string }).pseudonym, domain, purpose: "treatment" };
    expect((await site.api("POST", "/patients/re-identifications", back)).status).toBe(403);
    const { body } = await hospital.api("POST", "/consents", { ...consent, scope: "re-identification", grantee: site.gln });
    expect(await site.api("POST", "/patients/re-identifications", back)).toMatchObject({ status: 200, body: { identifiers: [mrn("2")] } });
    expect(await site.api("GET", "/consents")).toMatchObject({ body: { consents: [{ consentId: body.consentId }] } });
    expect((await site.api("POST", `/consents/${body.consentId}/revocation`)).status).toBe(403);
    const revoked = await hospital.api("POST", `/consents/${body.consentId}/revocation`);
    expect(revoked).toMatchObject({ status: 200, body: { consentId: body.consentId } });
    expect((await site.api("POST", "/patients/re-identifications", back)).status).toBe(403);
    const other = await oracle.participant("treatment-centre");
    expect((await other.api("POST", `/consents/${body.consentId}/revocation`)).status).toBe(404);
    expect((await other.api("GET", "/consents")).body).toEqual({ consents: [] });
    const { body: trail } = await site.api("GET", "/patients/audit");
    expect(trail.entries.map((entry: { action: string; outcome: string }) => [entry.action, entry.outcome])).toEqual([
      ["re-identify", "refused"],
      ["re-identify", "granted"],
      ["re-identify", "refused"],
    ]);
  });

  it("refuses consents for nobody, of strangers, and in the past", async () => {
    await register("3");
    const consent = { patient: mrn("3"), purpose: "research", scope: "translation", domain: "research-x", grantee: site.gln, expiresAt: TOMORROW };
    expect((await hospital.api("POST", "/consents", { ...consent, grantee: "9506000134369" })).status).toBe(404);
    expect((await hospital.api("POST", "/consents", { ...consent, patient: mrn("never") })).status).toBe(404);
    expect((await hospital.api("POST", "/consents", { ...consent, expiresAt: "2020-01-01T00:00:00Z" })).status).toBe(409);
    expect((await hospital.api("POST", "/consents", { ...consent, domain: "anything" })).status).toBe(400);
  });
});

describe("journeys and patients", () => {
  it("binds a journey by identifier or pseudonym, keeps that inside, and audits it", async () => {
    const pseudonym = await register("10");
    const byIdentifier = await openJourney(mrn("10"));
    const byPseudonym = await openJourney({ pseudonym });
    expect([byIdentifier.status, byPseudonym.status]).toEqual([201, 201]);
    const rows = await oracle.database.selectFrom("journey_patients").selectAll().execute();
    const bound = [byIdentifier, byPseudonym].map(({ body }) => rows.find((row) => row.journey_id === body.journeyId)?.record_id);
    expect(bound[0]).toBeDefined();
    expect(bound[1]).toBe(bound[0]);
    const operations = await oracle.database.selectFrom("ledger_operations").select("payload").execute();
    for (const secret of [pseudonym.slice(2), "journey_patients", present(bound[0])])
      expect(JSON.stringify([operations, byIdentifier.body])).not.toContain(secret);
    const { body } = await hospital.api("GET", "/patients/audit?perPage=2");
    expect(body.entries.map((entry: { action: string }) => entry.action)).toEqual(["bind-journey", "translate"]);
  });

  it("opens none for a pseudonym nobody has, another's pseudonym, or an operator's patient", async () => {
    const pseudonym = await register("11");
    const before = await oracle.database.selectFrom("journeys").select("journey_id").execute();
    expect((await openJourney({ pseudonym: `0x${"ab".repeat(31)}` })).status).toBe(404);
    expect((await openJourney({ pseudonym }, site.api)).status).toBe(404);
    expect((await openJourney(mrn("11"), oracle.operator)).status).toBe(403);
    expect(await oracle.database.selectFrom("journeys").select("journey_id").execute()).toHaveLength(before.length);
  });

  it("flags each open journey when both merged patients have one, and again when they are parted", async () => {
    await register("20");
    await register("21");
    const first = (await openJourney(mrn("20"))).body.journeyId as string;
    const quiet = await hospital.api("POST", "/patients/merges", { surviving: mrn("20"), subsumed: mrn("never-opened-20") });
    expect(quiet).toMatchObject({ status: 201, body: { conflicts: [] } });
    const second = (await openJourney(mrn("21"))).body.journeyId as string;
    const woken = oracle.woken.count;
    const merged = await hospital.api("POST", "/patients/merges", { surviving: mrn("20"), subsumed: mrn("21") });
    expect(merged.status).toBe(201);
    expect([...merged.body.conflicts].sort()).toEqual([first, second].sort());
    expect(oracle.woken.count).toBe(woken + 1);
    expect((await flagged()).map((row) => [row.journey_id, row.class]).sort()).toEqual([[first, "critical"], [second, "critical"]].sort());
    const raised = await oracle.database.selectFrom("ledger_operations").select("journey_id").where("kind", "=", "raise-exception").execute();
    expect(raised.map((row) => row.journey_id).sort()).toEqual([first, second].sort());
    expect(merged.body.flaggedJourneys).toBe(2);
    const again = await hospital.api("POST", "/patients/merges", { surviving: mrn("20"), subsumed: mrn("21") });
    expect(again).toMatchObject({ status: 200, body: { merge: merged.body.merge, conflicts: [] } });
    const during = (await openJourney(mrn("21"))).body.journeyId as string;
    const parted = await hospital.api("POST", "/patients/unmerges", { merge: merged.body.merge });
    expect(parted).toMatchObject({ status: 201, body: { outOfOrder: false, conflicts: [during] } });
    expect((await hospital.api("POST", "/patients/unmerges", { merge: merged.body.merge })).status).toBe(409);
    expect((await hospital.api("POST", "/patients/unmerges", { merge: 9999 })).status).toBe(404);
  });

  it("flags every open journey of an unmerge out of order, and none of a journey whose gates are all released", async () => {
    for (const value of ["30", "31", "32"]) await register(value);
    const [one, two] = [(await openJourney(mrn("30"))).body.journeyId as string, (await openJourney(mrn("31"))).body.journeyId as string];
    await oracle.database
      .insertInto("chain_releases")
      .values({ journey_id: two, gate: 0, participant_index: 1, signer: "0x", head: "0x", signed_at: 1, released_at: 1 })
      .execute();
    const first = await hospital.api("POST", "/patients/merges", { surviving: mrn("31"), subsumed: mrn("30") });
    expect(first.body.conflicts).toEqual([]);
    await hospital.api("POST", "/patients/merges", { surviving: mrn("32"), subsumed: mrn("31") });
    expect(await hospital.api("POST", "/patients/unmerges", { merge: first.body.merge })).toMatchObject({
      status: 201,
      body: { outOfOrder: true, conflicts: [one] },
    });
  });

  it("refuses what would be a circle, itself or another's patient", async () => {
    await register("40");
    await register("41");
    await hospital.api("POST", "/patients/merges", { surviving: mrn("40"), subsumed: mrn("41") });
    expect((await hospital.api("POST", "/patients/merges", { surviving: mrn("41"), subsumed: mrn("40") })).body.type).toBe(
      "urn:threadline:problem:merge-cycle",
    );
    expect((await hospital.api("POST", "/patients/merges", { surviving: mrn("40"), subsumed: mrn("40") })).status).toBe(409);
    const other = await oracle.participant("treatment-centre");
    expect((await other.api("POST", "/patients/merges", { surviving: mrn("40"), subsumed: mrn("41") })).status).toBe(404);
  });
});

describe("HL7 v2", () => {
  const message = (event: string, ...segments: string[]) =>
    [`MSH|^~\\&|ADT1|HOSPITAL|THREADLINE|NODE|20260302090000||ADT^${event}^ADT_A39|C${event}|P|2.5.1`, ...segments].join("\r") + "\r";
  const er7 = { "content-type": "x-application/hl7-v2+er7" };
  const send = (text: string, api: Api = hospital.api) => api("POST", "/hl7/v2", text, er7);
  const merge = (surviving: string, subsumed: string) =>
    message("A40", `PID|1||${surviving}^^^${AUTHORITY}^MR||DOE^JANE`, `MRG|${subsumed}^^^${AUTHORITY}^MR`);

  it("merges by A40, once however often it is sent, and unlinks by A37", async () => {
    const [survivor, prior] = [await register("50"), await register("51")];
    const first = await send(merge("50", "51"));
    expect(first.status).toBe(200);
    expect(first.headers.get("content-type")).toMatch(/^x-application\/hl7-v2\+er7/);
    expect(first.body).toMatch(/^MSH\|\^~\\&\|THREADLINE\|NODE\|ADT1\|HOSPITAL\|\d{14}\+0000\|\|ACK\^A40\^ACK\|[0-9a-f]{20}\|P\|2\.5\.1\rMSA\|AA\|CA40\|merged \(\d+\)\r$/);
    expect(await register("51")).toBe(survivor);
    expect((await send(merge("50", "51"))).body).toContain("MSA|AA|CA40|applied before; nothing was changed");
    expect((await send(merge("50", "51").replace("CA40", "C2"))).body).toContain("MSA|AA|C2|applied before; nothing was changed");
    const unlink = message("A37", `PID|1||50^^^${AUTHORITY}`, `PID|2||51^^^${AUTHORITY}`);
    expect((await send(unlink)).body).toMatch(/MSA\|AA\|CA37\|unmerged \(\d+\)/);
    expect(await register("51")).toBe(prior);
    expect((await send(merge("50", "51"))).body).toContain("applied before; nothing was changed");
    expect((await send(unlink)).body).toContain("MSA|AA|CA37|applied before; nothing was changed");
    expect(await register("51")).toBe(prior);
    expect(await send(unlink.replace("20260302090000", "20260302100000"))).toMatchObject({ status: 422, body: expect.stringContaining("MSA|AE|CA37|the caller made no such merge\rERR|||204") });
  });

  it("says what it did not do, and that it stored nothing", async () => {
    expect(await send(message("A08", `PID|1||50^^^${AUTHORITY}`))).toMatchObject({ status: 200, body: expect.stringContaining("changes no identifier") });
    expect(await send(merge("unknown-1", "unknown-2").replace("CA40", "C61"))).toMatchObject({ status: 200, body: expect.stringContaining("neither identifier is known") });
    expect(await send(message("A47"))).toMatchObject({ status: 400, body: expect.stringContaining("MSA|AR|CA47|") });
    expect(await send(merge("50", "50").replace("CA40", "C62"))).toMatchObject({ status: 422, body: expect.stringContaining("MSA|AE|C62|") });
    expect(await send("PID|1||50")).toMatchObject({ status: 400, body: expect.stringContaining("MSA|AR||") });
    expect(await send(message("A40", "PID|1||50", "MRG|51"))).toMatchObject({ status: 422, body: expect.stringContaining("ERR|||101") });
    expect((await hospital.api("POST", "/hl7/v2", { message: "MSH" })).status).toBe(415);
    expect((await send("")).status).toBe(400);
    expect((await send(`${merge("50", "51")}${"NTE|1\r".repeat(20_000)}`)).status).toBe(400);
    expect((await send(merge("50", "51"), site.api)).status).toBe(403);
  });

  it("tells in its answer when open journeys were flagged", async () => {
    await openJourney(mrn("60"));
    await openJourney(mrn("61"));
    expect((await send(merge("60", "61").replace("CA40", "C60"))).body).toContain("2 open journeys flagged patient-merge-conflict");
  });
});

describe("the audit trail over HTTP", () => {
  it("is whole for the auditor, its own part for everyone else, and verifiable entry by entry", async () => {
    const all: { number: number; gln: string; previousHash: string; hash: string }[] = [];
    for (let path: string | undefined = "/patients/audit?perPage=20"; path !== undefined; ) {
      const { status, body, headers } = await auditor.api("GET", path);
      expect(status).toBe(200);
      all.push(...body.entries);
      path = /<([^>]+)>/.exec(headers.get("link") ?? "")?.[1];
    }
    expect(all.map((entry) => entry.number)).toEqual(all.map((_, place) => all.length - place));
    all.slice(0, -1).forEach((entry, place) => expect(entry.previousHash).toBe(all[place + 1]?.hash));
    expect(await auditor.api("GET", "/patients/audit/verification")).toMatchObject({
      status: 200,
      body: { intact: true, entries: all.length, head: all[0]?.hash, firstBroken: null, crosswalkAgrees: true, anchor: { state: "unreadable", entries: 0, anchoredAt: null } },
    });
    const own = (await site.api("GET", "/patients/audit?perPage=1000")).body.entries as { gln: string }[];
    expect(own.length).toBe(all.filter((entry) => entry.gln === site.gln).length);
    expect(own.every((entry) => entry.gln === site.gln)).toBe(true);
    expect((await oracle.operator("GET", "/patients/audit")).status).toBe(403);
  });

  it("cannot be written, changed or deleted through any operation", async () => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE"])
      expect([404, 405]).toContain((await auditor.api(method, "/patients/audit", method === "DELETE" ? undefined : {})).status);
    const { body } = await oracle.as(null)("GET", "/openapi.json");
    const paths = Object.entries(body.paths as Record<string, Record<string, unknown>>).filter(([path]) => path.includes("audit"));
    expect(paths.flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`)).sort()).toEqual([
      "get /audit/accesses",
      "get /audit/accesses/verification",
      "get /patients/audit",
      "get /patients/audit/verification",
    ]);
  });

  it("leaves no identifier in the server's log or in any address", async () => {
    expect(oracle.log.join("\n")).not.toMatch(/113883|0x[0-9a-f]{62}\b/);
    const { body } = await oracle.as(null)("GET", "/openapi.json");
    for (const [path, methods] of Object.entries(body.paths as Record<string, Record<string, { parameters: { name: string }[] }>>))
      if (/^\/(patients|hl7|consents)/.test(path))
        for (const { parameters } of Object.values(methods))
          for (const { name } of parameters) expect(["perPage", "nextPageToken", "consentId"]).toContain(name);
  });
});
