import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readArchiveFolder, writeArchiveFolder } from "../../services/verification/archive/archive-folder.ts";
import { buildArchive } from "../../services/verification/archive/build-archive.ts";
import type { Archive } from "../../services/verification/archive/build-archive.ts";
import { withChecksums } from "../../services/verification/archive/checksums.ts";
import { renderArchiveReport, verifyArchive } from "../../services/verification/archive/verify-archive.ts";
import { present } from "../support/present.ts";
import { startLedgerFixture } from "./support/ledger-fixture.ts";
import { recentStart, recordUntilReleasable } from "./support/proven-leg.ts";

let archive: Archive;
let held: Archive;
let folder: string;

beforeAll(async () => {
  const fixture = await startLedgerFixture();
  try {
    const start = recentStart();
    const journey = await fixture.openJourney("COI-0001");
    await fixture.raise(journey, "late-entry", 0, start + 10);
    await recordUntilReleasable(fixture, journey, start);
    await fixture.release(journey, "certification");
    const other = await fixture.openJourney("COI-0002");
    await fixture.record(other, "collect", "hospital", start);
    await fixture.raise(other, "temperature-excursion", 0, start + 130);
    const source = { rpcUrl: fixture.anvil.rpcUrl, addresses: fixture.addresses, contractInterfaces: { CustodyLedger: [] }, softwareVersion: "test", exportedAt: new Date() };
    archive = await buildArchive({ ...source, journeyId: journey.journeyId, disclosure: journey.disclosure });
    held = await buildArchive({ ...source, journeyId: other.journeyId, disclosure: other.disclosure });
  } finally {
    await fixture.close();
  }
  folder = mkdtempSync(join(tmpdir(), "threadline-archive-"));
}, 240_000);
afterAll(() => folder !== undefined && rmSync(folder, { recursive: true, force: true }));

const filesOf = ({ files }: Archive) => new Map(Object.entries(files).map(([path, text]) => [path, new Uint8Array(Buffer.from(text, "utf8"))]));

/** The archive with one file changed by who can also make its checksums anew. */
function forged(path: string, change: (text: string) => string): ReadonlyMap<string, Uint8Array> {
  const { [path]: text, "SHA256SUMS": _sums, "SHA256SUMS.sha256": _seal, ...others } = archive.files;
  const changed = change(present(text));
  expect(changed).not.toBe(text);
  const { files } = withChecksums(new Map([...Object.entries(others), [path, changed]]));
  return new Map([...files].map(([name, content]) => [name, new Uint8Array(Buffer.from(content, "utf8"))]));
}

describe("an archive", () => {
  it("is checked with the chain gone: hash chain, signatures, proofs and commitments", async () => {
    const report = await verifyArchive(filesOf(archive), archive.digest);
    expect(report.problems).toEqual([]);
    expect([report.verdict, report.exitCode, report.digest]).toEqual(["genuine", 0, archive.digest]);
    const checks = present(report.verification).checks;
    expect(checks.filter(({ status }) => status === "pass").map(({ name }) => name)).toEqual(expect.arrayContaining(["hash-chain", "signatures", "segment-proofs", "coverage"]));
    expect(present(report.audit).events.map(({ disclosed }) => disclosed?.eventType)).toEqual(Array(6).fill("ObjectEvent"));
    expect(renderArchiveReport(report)).toContain("Verdict: GENUINE");
  });

  it("of a held journey is genuine too, and says that it is held", async () => {
    const report = await verifyArchive(filesOf(held));
    expect([report.exitCode, report.verification?.verdict]).toEqual([0, "not-compliant"]);
  });

  it("is plain files that any system's sha256sum checks, and people can read", () => {
    const target = join(folder, "whole");
    writeArchiveFolder(target, new Map(Object.entries(archive.files)));
    execFileSync("sha256sum", ["--strict", "-c", "SHA256SUMS.sha256"], { cwd: target });
    execFileSync("sha256sum", ["--strict", "-c", "SHA256SUMS"], { cwd: target });
    expect([...readArchiveFolder(target).keys()].sort()).toEqual(Object.keys(archive.files).sort());
    expect(Object.keys(archive.files)).toEqual(expect.arrayContaining(["README.md", "index.html", "events/0000.json", "flow.json", "chain/eth_getLogs.json", "chain/eth_getTransactionByHash.json", "contracts/CustodyLedger.abi.json", "verification-keys/condition-segment.json"]));
    expect(archive.files["index.html"]).not.toMatch(/<(script|link|img)|https?:\/\/[^"]*\.(js|css)/);
    expect(JSON.parse(present(archive.files["events/0002.json"]))).toMatchObject({ sequence: 2, body: { "threadline:step": "pick-up" } });
    expect(JSON.parse(present(archive.files["flow.json"])).document.name).toBeTypeOf("string");
  });

  it("names the file of any byte that was changed, cut or added", async () => {
    const files = filesOf(archive);
    for (const [path, content] of files) {
      const places = new Set([0, content.length - 1, ...Array.from({ length: 25 }, () => Math.floor(Math.random() * content.length))]);
      for (const place of places) {
        const changed = Uint8Array.from(content);
        changed[place] = (changed[place] ?? 0) ^ (1 << Math.floor(Math.random() * 8));
        const report = await verifyArchive(new Map([...files, [path, changed]]));
        expect(report.exitCode, `${path} at ${place}`).toBe(1);
        expect(report.problems.map(({ file }) => file), `${path} at ${place}`).toContain(path);
      }
      const cut = await verifyArchive(new Map([...files, [path, content.subarray(0, -1)]]));
      expect(cut.problems.map(({ file }) => file)).toContain(path);
    }
  });

  it("names a file that is missing or was added, and what cannot be a file of it", async () => {
    const files = filesOf(archive);
    for (const path of files.keys()) {
      const report = await verifyArchive(new Map([...files].filter(([name]) => name !== path)));
      expect([report.exitCode, report.problems.map(({ file }) => file)]).toEqual([1, expect.arrayContaining([path])]);
    }
    const added = await verifyArchive(new Map([...files, ["events/9999.json", new Uint8Array(1)]]));
    expect(added.problems).toEqual([{ file: "events/9999.json", problem: "was added" }]);
    const target = join(folder, "linked");
    writeArchiveFolder(target, new Map(Object.entries(archive.files)));
    symlinkSync("/etc/hostname", join(target, "more.json"));
    expect(() => readArchiveFolder(target)).toThrow("neither a file nor a folder");
    expect(() => writeArchiveFolder(target, new Map())).toThrow("not empty");
    expect(() => writeArchiveFolder(join(folder, "outside"), new Map([["../outside.json", "{}"]]))).toThrow("no plain path");
    expect((await verifyArchive(new Map())).exitCode).toBe(1);
  });

  it("is told apart from another whole one by the digest noted at the export", async () => {
    const report = await verifyArchive(filesOf(held), archive.digest);
    expect(report.problems).toEqual([{ file: "SHA256SUMS", problem: expect.stringContaining(`not ${archive.digest} as noted`) }]);
  });

  it.each([
    ["an event's body", "disclosure.json", (text: string) => text.replace('\\"disposition\\":\\"conformant\\"', '\\"disposition\\":\\"damaged\\"'), "reports/audit.json"],
    ["an event's salt", "disclosure.json", (text: string) => text.replace(/("salt": "0x)([0-9a-f])/, (_, start: string, digit: string) => `${start}${digit === "0" ? "1" : "0"}`), "reports/audit.json"],
    ["the copy of an event for people", "events/0001.json", (text: string) => text.replace("conformant", "damaged"), "events/0001.json"],
    ["the flow", "flow.json", (text: string) => text.replace(/"title": "[^"]+"/, '"title": "Something else"'), "flow.json"],
    ["the report of the export", "reports/verification.json", (text: string) => text.replace('"verdict": "compliant"', '"verdict": "not-compliant"'), "reports/verification.json"],
    ["a proof", "chain/eth_getTransactionByHash.json", (text: string) => text.replace(/("input": "0x[0-9a-f]{700})([0-9a-f])/g, (_, start: string, digit: string) => `${start}${digit === "0" ? "1" : "0"}`), "reports/verification.json"],
  ])("changed in %s is caught also when its checksums are made anew", async (_, path, change, named) => {
    const report = await verifyArchive(forged(path, change));
    expect(report.exitCode).toBe(1);
    expect(report.problems.map(({ file }) => file)).toContain(named);
  });

  it("with a log changed is caught also when its checksums are made anew", async () => {
    const logs = JSON.parse(present(archive.files["chain/eth_getLogs.json"])) as { result: { data: string; topics: string[] }[] }[];
    const custody = logs.flatMap(({ result }) => result).filter(({ data }) => data.length === 2 + 64 * 8);
    expect(custody.length).toBeGreaterThan(0);
    const target = present(custody[0]).data;
    const report = await verifyArchive(forged("chain/eth_getLogs.json", (text) => text.replaceAll(target, `0x${"0".repeat(62)}ff${target.slice(66)}`)));
    expect(report.exitCode).not.toBe(0);
  });
});
