import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatCoiIdentifier, parseLabel } from "../../../services/model/identity/index.ts";
import type { Role } from "../../../services/model/custody/index.ts";
import { decodePng, rasterise } from "../../labels/support/decode.ts";
import { readPdfPage } from "../../labels/support/pdf-page.ts";
import { bareEvent, newBag, openJourney, startOracle } from "../support.ts";
import type { Json, TestOracle } from "../support.ts";

const DIN = "G123417654321";

/** A logistic unit: an SSCC behind its AI. */
const SHIPMENT = "00340123451111111111";

let oracle: TestOracle;
let site: Awaited<ReturnType<TestOracle["participant"]>>;
let courier: Awaited<ReturnType<TestOracle["participant"]>>;
beforeAll(async () => {
  oracle = await startOracle();
  site = await oracle.participant("apheresis-centre");
  courier = await oracle.participant("logistics-provider");
});
afterAll(() => oracle.close());

/** A journey the site acted in, and ways to label its bags. */
async function labelled() {
  const journey = await openJourney(oracle, {
    donationIdentificationNumbers: [DIN],
    epcs: [`https://id.gs1.org/00/${SHIPMENT.slice(2)}`],
  });
  const bag = newBag();
  const { journeyId, coi } = journey;
  await site.api("POST", "/events", bareEvent({ epcList: [bag], "threadline:chainOfIdentity": coi, "threadline:step": "collect" }));
  const base = `/journeys/${journeyId}/labels`;
  return {
    ...journey,
    bag,
    base,
    print: (extra: Record<string, unknown> = {}) =>
      site.api("POST", base, { container: bag, productName: "Leukapheresis", storageProfile: "fresh", lot: "LOT7", ...extra }),
    scan: (raw: string, api = site.api) => api("POST", "/scans", { raw, journeyId, step: "collect" }),
    scanOf: (labelId: string) => scanned(`${base}/${labelId}.png`),
    exceptions: async () => (await oracle.operator("GET", `/journeys/${journeyId}/exceptions`)).body.exceptions as Json[],
  };
}

async function file(path: string, key = site.key): Promise<{ status: number; type: string | null; bytes: Uint8Array }> {
  const response = await fetch(new URL(path, oracle.url), { headers: { authorization: `Bearer ${key}` } });
  return { status: response.status, type: response.headers.get("content-type"), bytes: new Uint8Array(await response.arrayBuffer()) };
}

/** What a scanner reads off the label's GS1 symbol. */
async function scanned(path: string): Promise<string> {
  const scan = (await decodePng((await file(path)).bytes)).find((text) => text.startsWith("]d2"));
  if (scan === undefined) throw new Error(`no GS1 DataMatrix on ${path}`);
  return scan;
}

describe("printing", () => {
  it("makes version 1, and files that decode to the journey's own identifiers", async () => {
    const { bag, coi, base, print } = await labelled();
    const { status, body, headers } = await print({ donationIdentificationNumber: "G1234 17 654321 A", expiry: { moment: "2026-03-04T12:00+01:00" } });
    expect(status).toBe(201);
    expect(body).toMatchObject({ replaces: null, label: { container: bag, version: 1, status: "valid", reason: null, voidedAt: null } });
    const { labelId, files } = body.label;
    expect(headers.get("location")).toBe(`${base}/${labelId}.pdf`);
    const png = await file(files.png);
    const svg = await file(files.svg);
    const pdf = await file(files.pdf);
    expect([png.type, svg.type, pdf.type].map((type) => (type ?? "").split(";")[0])).toEqual(["image/png", "image/svg+xml", "application/pdf"]);
    const svgText = Buffer.from(svg.bytes).toString("utf8");
    for (const picture of [png.bytes, await rasterise(svgText), await rasterise(readPdfPage(pdf.bytes).svg)]) {
      const labels = (await decodePng(picture)).map((scan) => parseLabel(scan));
      expect(labels).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ label: expect.objectContaining({ kind: "isbt-coi", coi: expect.objectContaining({ coi }) }) }),
          expect.objectContaining({
            label: expect.objectContaining({ epcs: [bag], elements: expect.objectContaining({ "10": "LOT7", "7003": "2603041200", "90": `${coi}V1` }) }),
          }),
        ]),
      );
    }
    for (const text of ["FOR AUTOLOGOUS USE ONLY", "G1234 17 654321", "STORE AT 2 °C TO 8 °C"]) expect(svgText).toContain(`>${text}</text>`);
  });

  it("takes the storage temperature from the flow, not from the caller", async () => {
    const { print } = await labelled();
    const unknown = await print({ storageProfile: "warm" });
    expect([unknown.status, unknown.body.type]).toEqual([400, "urn:threadline:problem:unknown-profile"]);
    expect((await print({ storageTemperature: { minimumCelsius: 0, maximumCelsius: 40 } })).status).toBe(400);
  });

  it("refuses a container or a donation that is not the journey's, and what is no container", async () => {
    const other = await labelled();
    await other.print();
    const { print } = await labelled();
    const foreign = await print({ container: other.bag });
    expect([foreign.status, foreign.body.type]).toEqual([409, "urn:threadline:problem:container-of-another-journey"]);
    const donation = await print({ donationIdentificationNumber: "G123417654322" });
    expect([donation.status, donation.body.type]).toEqual([409, "urn:threadline:problem:donation-not-of-journey"]);
    for (const container of ["(00)340123451111111111", "(01)09506000134353(21)A", "https://id.gs1.org/01/09506000134352", "&/CHG123426000001", ""])
      expect([container, (await print({ container })).status]).toEqual([container, 400]);
  });

  it("refuses personal data wherever it is put", async () => {
    const { print } = await labelled();
    for (const extra of [{ patientName: "Q" }, { birthDate: "1985-01-23" }, { productName: "born 23.01.1985" }, { statements: ["FOR Q"] }, { recordNumber: "1" }])
      expect([extra, (await print(extra)).status]).toEqual([extra, 400]);
  });

  it("takes an EPC URN for the same container", async () => {
    const { print } = await labelled();
    const { body } = await print({ container: "urn:epc:id:sgtin:9506000.013435.URN-1" });
    expect(body.label.container).toBe("https://id.gs1.org/01/09506000134352/21/URN-1");
  });

  it("lets strangers to the journey neither print nor see a label", async () => {
    const { base, print } = await labelled();
    const { labelId, files } = (await print()).body.label;
    const stranger = await oracle.participant("manufacturing-site");
    const wanted = { container: newBag(), productName: "Cells", storageProfile: "fresh" };
    expect((await stranger.api("POST", base, wanted)).status).toBe(404);
    expect((await stranger.api("GET", base)).status).toBe(404);
    expect((await stranger.api("POST", `${base}/${labelId}/void`, { reason: "mischief" })).status).toBe(404);
    expect((await stranger.api("POST", `${base}/reconciliation`, { applied: [], destroyed: [] })).status).toBe(404);
    for (const path of Object.values<string>(files)) {
      expect((await file(path, stranger.key)).status).toBe(404);
      expect((await file(path, courier.key)).status).toBe(403);
    }
  });

  it("answers 404 for a label of another journey", async () => {
    const other = await labelled();
    const { labelId } = (await other.print()).body.label;
    const { base } = await labelled();
    expect((await file(`${base}/${labelId}.svg`)).status).toBe(404);
    expect((await site.api("POST", `${base}/${labelId}/void`, { reason: "mistaken" })).status).toBe(404);
  });
});

describe("reprinting", () => {
  it("needs a reason, is the next version, and voids the one before", async () => {
    const { base, print } = await labelled();
    const first = (await print()).body.label;
    const refused = await print();
    expect([refused.status, refused.body.type]).toEqual([409, "urn:threadline:problem:reprint-reason-missing"]);
    const second = await print({ reason: "smudged at the cell laboratory" });
    expect(second.body).toMatchObject({ replaces: first.labelId, label: { version: 2, status: "valid", reason: "smudged at the cell laboratory" } });
    const third = await print({ reason: "wrong lot", lot: "LOT8" });
    expect(third.body).toMatchObject({ replaces: second.body.label.labelId, label: { version: 3 } });
    const { body } = await site.api("GET", base);
    expect(body.labels.map((label: Json) => [label.version, label.status, label.voidReason])).toEqual([
      [1, "voided", "replaced by version 2: smudged at the cell laboratory"],
      [2, "voided", "replaced by version 3: wrong lot"],
      [3, "valid", null],
    ]);
    expect(JSON.stringify(body)).not.toContain("CHG");
  });

  it("gives every reprint a version of its own when all come at once", async () => {
    const { base, print } = await labelled();
    await print();
    const answers = await Promise.all(Array.from({ length: 6 }, (_, at) => print({ reason: `torn, time ${at}` })));
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 201));
    expect(answers.map((answer) => answer.body.label.version).sort()).toEqual([2, 3, 4, 5, 6, 7]);
    const { body } = await site.api("GET", base);
    expect(body.labels.filter((label: Json) => label.status === "valid")).toHaveLength(1);
  });

  it("labels a container for one journey only, when two ask at once", async () => {
    const [one, other] = [await labelled(), await labelled()];
    const container = newBag();
    const answers = await Promise.all([one.print({ container }), other.print({ container })]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409]);
    expect(answers.find((answer) => answer.status === 409)?.body.type).toBe("urn:threadline:problem:container-of-another-journey");
  });

  it("goes on counting after a void, and draws a voided label without symbols", async () => {
    const { base, print } = await labelled();
    const { labelId, files } = (await print()).body.label;
    expect((await decodePng((await file(files.png)).bytes)).length).toBe(2);
    expect((await site.api("POST", `${base}/${labelId}/void`, {})).status).toBe(400);
    const voided = await site.api("POST", `${base}/${labelId}/void`, { reason: "fell on the floor" });
    expect(voided).toMatchObject({ status: 200, body: { status: "voided", voidReason: "fell on the floor" } });
    const again = await site.api("POST", `${base}/${labelId}/void`, { reason: "another reason" });
    expect([again.status, again.body.detail]).toEqual([409, "the label was voided already: fell on the floor"]);
    expect(await decodePng((await file(files.png)).bytes)).toEqual([]);
    expect((await print()).status).toBe(409);
    expect((await print({ reason: "the first fell" })).body).toMatchObject({ replaces: null, label: { version: 2 } });
  });
});

describe("scanning a label", () => {
  it("takes the valid version and names it", async () => {
    const { print, scan, scanOf } = await labelled();
    const { labelId } = (await print()).body.label;
    expect(await scan(await scanOf(labelId))).toMatchObject({ status: 201, body: { matched: true, labelId } });
  });

  it("stops a label that was voided by a reprint", async () => {
    const { print, scan, scanOf, exceptions } = await labelled();
    const first = await scanOf((await print()).body.label.labelId);
    const second = await scanOf((await print({ reason: "smudged" })).body.label.labelId);
    const { status, body } = await scan(first);
    expect(status).toBe(409);
    expect(body).toMatchObject({
      type: "urn:threadline:problem:label-voided",
      exception: { code: "label-voided", class: "critical", limit: "version 2" },
    });
    expect((await scan(second)).status).toBe(201);
    expect(await exceptions()).toEqual([expect.objectContaining({ code: "label-voided", class: "critical", status: "pending" })]);
  });

  it("stops a version, a bag or a text that was never printed", async () => {
    const { coi, print, scan, scanOf, exceptions } = await labelled();
    const genuine = await scanOf((await print()).body.label.labelId);
    const other = newBag();
    await site.api("POST", "/events", bareEvent({ epcList: [other], "threadline:chainOfIdentity": coi }));
    const forged = [
      genuine.replace(`${coi}V1`, `${coi}V2`),
      genuine.replace(`${coi}V1`, `${coi}V01`),
      genuine.replace(`90${coi}V1`, "90COPY"),
      genuine.slice(0, genuine.indexOf(`\u001d90`)),
      `(01)09506000134352(21)${other.split("/").at(-1) ?? ""}`,
    ];
    for (const raw of forged) {
      const { status, body } = await scan(raw);
      expect([raw, status, body.type]).toEqual([raw, 409, "urn:threadline:problem:label-not-printed"]);
    }
    expect((await exceptions()).map((exception) => exception.code)).toEqual(forged.map(() => "label-not-printed"));
    expect((await scan(genuine)).status).toBe(201);
  });

  it("stops a label that names this journey's bag and another's Chain of Identity", async () => {
    const { coi, print, scan, scanOf } = await labelled();
    const other = await openJourney(oracle);
    const genuine = await scanOf((await print()).body.label.labelId);
    const { status, body } = await scan(genuine.replace(coi, other.coi));
    expect([status, body.type]).toEqual([409, "urn:threadline:problem:identity-mismatch"]);
  });

  it("says nothing of labels from elsewhere: a journey without printed ones, donations, shipments", async () => {
    const { bag, coi, print, scan } = await labelled();
    expect((await scan(bag)).status).toBe(201);
    await print();
    expect((await scan(bag)).status).toBe(409);
    for (const raw of [formatCoiIdentifier(coi, "data-structure"), `=${DIN}00`]) expect((await scan(raw)).status).toBe(201);
    for (const raw of [`]d2${SHIPMENT}`, `(${SHIPMENT.slice(0, 2)})${SHIPMENT.slice(2)}`]) expect((await scan(raw)).status).toBe(201);
  });

  it("tells a stranger neither the valid version nor an identifier", async () => {
    const { coi, print, scan, scanOf } = await labelled();
    const first = await scanOf((await print()).body.label.labelId);
    await print({ reason: "smudged" });
    const stranger = await oracle.participant("logistics-provider");
    const { status, body } = await scan(first.replace(`${coi}V1`, `${coi}V7`), stranger.api);
    expect(status).toBe(409);
    expect(JSON.stringify(body.exception)).not.toContain("version 2");
    expect(JSON.stringify(body)).not.toContain(coi);
  });
});

describe("reconciliation", () => {
  it("is content when every label is on a bag or destroyed", async () => {
    const { base, print, exceptions } = await labelled();
    const first = (await print()).body.label.labelId;
    const second = (await print({ reason: "smudged" })).body.label.labelId;
    const { status, body } = await site.api("POST", `${base}/reconciliation`, { applied: [second], destroyed: [first] });
    expect([status, body]).toEqual([201, expect.objectContaining({ printed: 2, applied: 1, destroyed: 1, differences: [] })]);
    expect(await exceptions()).toEqual([]);
  });

  it("voids what was destroyed, so that its copy cannot be used", async () => {
    const { base, print, scan, scanOf } = await labelled();
    const { labelId } = (await print()).body.label;
    const raw = await scanOf(labelId);
    expect((await site.api("POST", `${base}/reconciliation`, { applied: [], destroyed: [labelId] })).status).toBe(201);
    expect((await scan(raw)).body.type).toBe("urn:threadline:problem:label-voided");
  });

  it("records every difference, although totals may be equal, and raises the exception", async () => {
    const { base, print, exceptions } = await labelled();
    const first = (await print()).body.label.labelId;
    const second = (await print({ reason: "smudged" })).body.label.labelId;
    const unknown = "00000000-0000-4000-8000-000000000000";
    const counts: [Json, Json][] = [
      [{ applied: [second], destroyed: [] }, [{ labelId: first, difference: "unaccounted" }]],
      [{ applied: [second], destroyed: [unknown] }, [{ labelId: first, difference: "unaccounted" }, { labelId: unknown, difference: "not-printed" }]],
      [{ applied: [first], destroyed: [second] }, [{ labelId: first, difference: "voided-but-applied" }]],
      [{ applied: [second], destroyed: [first, first] }, [{ labelId: first, difference: "counted-twice" }]],
      [{ applied: [second], destroyed: [first, second] }, [{ labelId: second, difference: "counted-twice" }]],
    ];
    for (const [count, differences] of counts) {
      const { status, body } = await site.api("POST", `${base}/reconciliation`, count);
      expect(status).toBe(409);
      expect(body).toMatchObject({
        type: "urn:threadline:problem:label-reconciliation-difference",
        differences,
        exception: { code: "label-reconciliation-difference", class: "major" },
      });
    }
    expect(await exceptions()).toHaveLength(counts.length);
    const auditor = await oracle.participant("auditor");
    const { reconciliations } = (await auditor.api("GET", `${base}/reconciliation`)).body;
    expect(reconciliations.map((done: Json) => done.differences.length)).toEqual([1, 2, 1, 1, 1]);
    expect(reconciliations[0]).toMatchObject({ printed: 2, applied: 1, destroyed: 0, performedBy: expect.stringMatching(/^Organisation/) });
    const { body } = await site.api("GET", base);
    expect(body.labels.map((label: Json) => label.status)).toEqual(["voided", "valid"]);
  });
});

describe("Chain of Identity identifiers", () => {
  const issue = (body: unknown, api = site.api) => api("POST", "/chain-of-identity-identifiers", body);

  it("are issued once, random or in sequence, and open a journey", async () => {
    const random = await issue({ facility: "A9999", year: 2026 });
    expect(random.status).toBe(201);
    expect(random.body).toMatchObject({
      chainOfIdentity: expect.stringMatching(/^CHA999926[0-9A-Z]{6}$/),
      dataStructure: `&/${random.body.chainOfIdentity}`,
      eyeReadable: formatCoiIdentifier(random.body.chainOfIdentity, "eye-readable"),
    });
    const sequence = { facility: "A9999", year: 2026, sequence: "000001" };
    expect((await issue(sequence)).body.chainOfIdentity).toBe("CHA999926000001");
    const again = await issue(sequence);
    expect([again.status, again.body.type]).toEqual([409, "urn:threadline:problem:identifier-issued"]);
    const { status } = await oracle.operator("POST", "/journeys", { chainOfIdentity: random.body.chainOfIdentity, flow: { name: "car-t", version: 1 } });
    expect(status).toBe(201);
  });

  it("are not issued when a journey has one already", async () => {
    const { coi } = await openJourney(oracle);
    const { status } = await issue({ facility: coi.slice(2, 7), year: 2026, sequence: coi.slice(9) });
    expect(status).toBe(409);
  });

  it("are refused personal data, and what reads as a date of birth", async () => {
    for (const extra of [{ patientName: "Q" }, { birthDate: "1985-01-23" }, { initials: "QZ" }, { sequence: "230185" }, { sequence: "850123" }, { sequence: "01238" }])
      expect([extra, (await issue({ facility: "A9999", year: 2026, ...extra })).status]).toEqual([extra, 400]);
  });

  it.each<Role>(["logistics-provider", "qualified-person"])("are not for a %s", async (role) => {
    const { api } = await oracle.participant(role);
    expect((await issue({ facility: "A9999" }, api)).status).toBe(403);
  });
});
