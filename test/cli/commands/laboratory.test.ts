import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signedResultsSchema, specificationDocumentHash, verifyResults } from "../../../services/model/quality/index.ts";
import { goodRecord, testSpecification } from "../../circuits/support/batches.ts";

const run = promisify(execFile);
const MAIN = join(import.meta.dirname, "../../../services/cli/main.ts");
const JOURNEY = `0x${"42".repeat(32)}`;
const LABORATORY = "9506000134LAB1";
const CONTRACT = "0x1111111111111111111111111111111111111111";

/** What GET /journeys/{journeyId}/batch-worksheet answers, from a server that does nothing else. */
const worksheet = {
  journeyId: JOURNEY,
  batch: "https://id.example.org/batch/1",
  chainId: "31337",
  contract: CONTRACT,
  phases: goodRecord().phases,
  specifications: [{ name: "release", number: 3, documentHash: specificationDocumentHash(testSpecification), specification: testSpecification }],
};

let folder: string;
let server: Server;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "threadline-laboratory-"));
  server = createServer((_request, response) => response.setHeader("content-type", "application/json").end(JSON.stringify(worksheet))).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

function threadline(...args: string[]) {
  const { port } = server.address() as AddressInfo;
  const env = { ...process.env, THREADLINE_HOME: folder, THREADLINE_API_URL: `http://127.0.0.1:${port}`, THREADLINE_API_KEY: "tl_laboratory" };
  return run(process.execPath, [MAIN, "laboratory", ...args], { env });
}

const makeKey = () => threadline("key", "--laboratory", LABORATORY, "--owner", "9506000134369", "--qualified-from", "2026-01-01T00:00:00Z", "--qualified-until", "2027-01-01T00:00:00Z");

describe("threadline laboratory", () => {
  it("makes keys once, keeps the private ones to their owner, and prints the public ones", async () => {
    const first = JSON.parse((await makeKey()).stdout) as { publicKey: string[] };
    expect(JSON.parse((await makeKey()).stdout)).toEqual(first);
    const file = join(folder, "laboratories", `${LABORATORY}.keys.json`);
    expect(statSync(file).mode & 0o077).toBe(0);
    const { signingSeed } = JSON.parse(readFileSync(file, "utf8")) as { signingSeed: string };
    expect(JSON.stringify(first)).not.toContain(signingSeed);
  });

  it("signs results so that the node's check takes them, and no others", async () => {
    const { publicKey } = JSON.parse((await makeKey()).stdout) as { publicKey: [string, string] };
    const key: [bigint, bigint] = [BigInt(publicKey[0]), BigInt(publicKey[1])];
    const file = join(folder, "results.json");
    writeFileSync(file, JSON.stringify({ specification: "release", results: goodRecord().results }));
    const signed = signedResultsSchema.parse(JSON.parse((await threadline("sign", file, "--journey", JOURNEY, "--laboratory", LABORATORY)).stdout));
    const place = { chainId: 31_337n, contract: CONTRACT, journeyId: JOURNEY, specificationNumber: 3, specification: testSpecification, batch: worksheet.batch, laboratory: LABORATORY };
    expect(verifyResults(place, signed, key)).toBe(true);
    expect(verifyResults({ ...place, specificationNumber: 2 }, signed, key)).toBe(false);
    expect(verifyResults({ ...place, batch: "https://id.example.org/batch/2" }, signed, key)).toBe(false);
  });

  it("says what is wrong with a file, a specification or a missing key", async () => {
    await makeKey();
    const file = join(folder, "wrong.json");
    writeFileSync(file, JSON.stringify({ specification: "other", results: [] }));
    await expect(threadline("sign", file, "--journey", JOURNEY, "--laboratory", LABORATORY)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('no specification "other"') });
    await expect(threadline("sign", file, "--journey", JOURNEY, "--laboratory", "9506000134LAB9")).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining("threadline laboratory key") });
    writeFileSync(file, JSON.stringify({ results: [{ test: "x" }] }));
    await expect(threadline("sign", file, "--journey", JOURNEY, "--laboratory", LABORATORY)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining("holds no results") });
  });
});
