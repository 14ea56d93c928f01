import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bareEvent, newBag, openJourney, startOracle } from "../../oracle/support.ts";
import type { Json, TestOracle } from "../../oracle/support.ts";
import { decodePng, rasterise } from "../../labels/support/decode.ts";
import { readPdfPage } from "../../labels/support/pdf-page.ts";
import { projectRoot } from "../../support/threadline.ts";

let oracle: TestOracle;
let site: Awaited<ReturnType<TestOracle["participant"]>>;
let folder: string;
beforeAll(async () => {
  oracle = await startOracle();
  site = await oracle.participant("apheresis-centre");
  folder = mkdtempSync(join(tmpdir(), "threadline-label-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await oracle.close();
});

/** The command line itself, as a process of its own, against the oracle. */
function threadline(...parameters: string[]): Promise<{ code: number; json: Json; error: string }> {
  const environment = { ...process.env, THREADLINE_API_URL: oracle.url, THREADLINE_API_KEY: site.key, THREADLINE_HOME: folder };
  return new Promise((resolve) => {
    execFile(process.execPath, [join(projectRoot, "services", "cli", "main.ts"), ...parameters], { env: environment }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, json: stdout.startsWith("{") ? JSON.parse(stdout) : null, error: stderr }),
    );
  });
}

describe("threadline label", () => {
  it("prints, reprints with a reason, and fetches again; the files decode", async () => {
    const { journeyId, coi } = await openJourney(oracle);
    const bag = newBag();
    await site.api("POST", "/events", bareEvent({ epcList: [bag], "threadline:chainOfIdentity": coi, "threadline:step": "collect" }));
    const wanted = ["label", journeyId, "--epc", bag, "--product", "Leukapheresis", "--storage", "fresh", "--expires", "2027-01-31", "--statement", "do-not-irradiate", "--statement", "biohazard"];
    const png = join(folder, "label.png");
    const first = await threadline(...wanted, "--out", png);
    expect(first).toMatchObject({ code: 0, json: { label: { version: 1, container: bag }, file: png } });
    expect(await decodePng(readFileSync(png))).toContainEqual(expect.stringContaining(`90${coi}V1`));

    const refused = await threadline(...wanted, "--out", png);
    expect([refused.code, refused.error]).toEqual([2, expect.stringMatching(/409: .*a reprint needs a reason \[api-refused\]/)]);

    const pdf = join(folder, "label.pdf");
    const second = await threadline(...wanted, "--reason", "smudged", "--out", pdf);
    expect(second).toMatchObject({ code: 0, json: { label: { version: 2 }, replaces: first.json.labelId } });
    const page = readPdfPage(readFileSync(pdf));
    expect(page.texts).toEqual(expect.arrayContaining(["FOR AUTOLOGOUS USE ONLY", "2027-01-31", "DO NOT IRRADIATE", "BIOHAZARD", "LABEL VERSION 2"]));
    expect(await decodePng(await rasterise(page.svg))).toContainEqual(expect.stringContaining(`90${coi}V2`));

    const svg = join(folder, "label.svg");
    expect(await threadline("label", journeyId, "--label", first.json.labelId, "--out", svg)).toMatchObject({ code: 0 });
    expect(readFileSync(svg, "utf8")).toContain("VOID - DO NOT USE");
  });

  it("says what is missing before anything is printed", async () => {
    const { journeyId } = await openJourney(oracle);
    const format = await threadline("label", journeyId, "--epc", newBag(), "--product", "x", "--storage", "fresh", "--out", join(folder, "label.gif"));
    expect([format.code, format.error]).toEqual([2, expect.stringContaining("label-format-unknown")]);
    const incomplete = await threadline("label", journeyId, "--epc", newBag(), "--out", join(folder, "label.pdf"));
    expect([incomplete.code, incomplete.error]).toEqual([2, expect.stringContaining("label-incomplete")]);
    const stranger = await threadline("label", journeyId, "--label", "00000000-0000-4000-8000-000000000000", "--out", join(folder, "label.pdf"));
    expect([stranger.code, stranger.error]).toEqual([2, expect.stringContaining("404")]);
    const rows = await oracle.database.selectFrom("labels").selectAll().where("journey_id", "=", journeyId).execute();
    expect(rows).toEqual([]);
  });
});

describe("threadline coi issue", () => {
  it("issues, and screens against personal data that stays on this machine", async () => {
    const personal = join(folder, "personal.json");
    writeFileSync(personal, JSON.stringify({ givenNames: ["Zoe"], familyNames: ["Quist"], birthDate: "1985-01-23", recordNumbers: ["7731942"] }));
    const issued = await threadline("coi", "issue", "--facility", "A9999", "--year", "2026", "--screen", personal);
    expect(issued).toMatchObject({ code: 0, json: { chainOfIdentity: expect.stringMatching(/^CHA999926[0-9A-Z]{6}$/) } });
    const refused = await threadline("coi", "issue", "--facility", "A9999", "--year", "2026", "--sequence", "ZQ0001", "--screen", personal);
    expect([refused.code, refused.error]).toEqual([2, expect.stringMatching(/holds the patient's initials.*\[identity-personal-data\]/)]);
    const rows = await oracle.database.selectFrom("issued_identifiers").selectAll().execute();
    expect(rows).toHaveLength(1);
  });
});
