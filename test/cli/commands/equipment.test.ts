import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openJourney, startOracle } from "../../oracle/support.ts";
import type { Json, TestOracle } from "../../oracle/support.ts";
import { projectRoot } from "../../support/threadline.ts";

const GRAI = "09506000134352CLI/1";

let oracle: TestOracle;
let folder: string;
beforeAll(async () => {
  oracle = await startOracle();
  folder = mkdtempSync(join(tmpdir(), "threadline-equipment-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await oracle.close();
});

/** The command line itself, as a process of its own, against the oracle. */
function threadline(...parameters: string[]): Promise<{ code: number; json: Json; error: string }> {
  const environment = { ...process.env, THREADLINE_API_URL: oracle.url, THREADLINE_API_KEY: oracle.operatorKey, THREADLINE_HOME: folder };
  return new Promise((resolve) => {
    execFile(process.execPath, [join(projectRoot, "services", "cli", "main.ts"), ...parameters], { env: environment }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, json: stdout.startsWith("{") ? JSON.parse(stdout) : null, error: stderr }),
    );
  });
}

function file(name: string, content: object): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

describe("threadline shipper, lane and clocks", () => {
  it("registers, qualifies, assigns and shows", async () => {
    const { journeyId } = await openJourney(oracle);
    const owner = await oracle.participant("logistics-provider");
    const holdTime = { nominalHoldSeconds: 864_000, tiltBands: [{ fromDegrees: 0, burnRate: 1 }] };
    const shipper = file("shipper.json", { grai: GRAI, owner: owner.gln, model: "Vapour 4", holdTime });
    const lane = file("lane.json", { lane: "north", title: "North", plannedSeconds: 86_400, holdTimeMargin: 2 });
    expect((await threadline("shipper", "register", shipper)).json).toMatchObject({ grai: GRAI });
    expect(await threadline("shipper", "register", shipper)).toMatchObject({ code: 2, error: expect.stringContaining("registered already") });
    expect((await threadline("lane", "register", lane)).json).toMatchObject({ lane: "north" });
    const period = ["--from", "2026-01-01T00:00:00Z", "--until", "2026-12-31T00:00:00Z"];
    expect((await threadline("lane", "qualify", "north", ...period)).code).toBe(0);
    expect((await threadline("shipper", "qualify", GRAI, ...period)).code).toBe(0);
    const assigned = await threadline("shipper", "assign", journeyId, "inbound", "--shipper", GRAI, "--lane", "north", "--at", "2026-03-02T09:00:00Z");
    expect(assigned.json).toMatchObject({ grai: GRAI, exceptions: [] });
    expect((await threadline("shipper", "show", GRAI)).json.uses).toMatchObject([{ journeyId, leg: "inbound", qualified: true }]);
    expect((await threadline("lane", "show")).json.lanes).toMatchObject([{ lane: "north" }]);
    const clocks = await threadline("clocks", journeyId, "--at", "2026-03-02T10:00:00Z");
    expect(clocks.json.holdTimes).toMatchObject([{ grai: GRAI, burntSeconds: 3600, state: "running" }]);
  }, 60_000);
});
