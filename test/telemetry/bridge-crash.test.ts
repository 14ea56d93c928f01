import { TEST_SECRET } from "../support/secret.ts";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { createDatabase } from "../../services/store/database.ts";
import { createEdge, series } from "./support/edge.ts";

const READINGS = 600;

/** Runs a bridge until it has stored `count` messages since its start, then kills it without notice. */
async function killedAfter(count: number, brokerUrl: string, directory: string): Promise<void> {
  const script = fileURLToPath(new URL("./support/bridge-process.ts", import.meta.url));
  const child = spawn(process.execPath, [script, brokerUrl, directory], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await new Promise<void>((resolve, reject) => {
    void ended.then(() => reject(new Error("the bridge stopped by itself")));
    child.stdout.on("data", (chunk: Buffer) => {
      if (Number(chunk.toString().trim().split("\n").at(-1)) >= count) resolve();
    });
  });
  child.kill("SIGKILL");
  await ended;
}

it("keeps every receipted message over kill -9 of the bridge, and stores each message once", { timeout: 180_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), "threadline-bridge-"));
  const seeded = await createDatabase({ directory, secret: TEST_SECRET });
  const edge = await createEdge(seeded);
  await seeded.close();
  const device = edge.device({ resendSeconds: 1, window: 16 });
  await device.publishReadings(series(READINGS));
  const receipted: number[] = [];
  for (let kill = 0; kill < 2; kill += 1) {
    await killedAfter(40, edge.broker.url, directory);
    receipted.push(READINGS - device.pendingCount());
  }
  const opened = await createDatabase({ directory, secret: TEST_SECRET });
  const before = await opened.database.selectFrom("telemetry_messages").select("sequence").where("kind", "=", "readings").orderBy("sequence").execute();
  expect(receipted[1]).toBeGreaterThan(receipted[0] ?? 0);
  expect(before.length).toBeGreaterThanOrEqual(receipted[1] ?? 0);
  expect(before.length).toBeLessThan(READINGS);

  await edge.bridge({}, { database: opened.database });
  await device.drained(60);
  const rows = await opened.database.selectFrom("telemetry_messages").select("sequence").orderBy("sequence").execute();
  expect(rows.map((row) => row.sequence)).toEqual(rows.map((_, index) => index + 1));
  expect(rows.length).toBeGreaterThanOrEqual(READINGS);
  expect(await opened.database.selectFrom("dead_letters").selectAll().execute()).toEqual([]);
  expect(await opened.database.selectFrom("exception_details").selectAll().execute()).toEqual([]);
  await edge.close();
  await opened.close();
  rmSync(directory, { recursive: true, force: true });
});
