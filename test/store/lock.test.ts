import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createDatabase } from "../../services/store/database.ts";
import { lockDirectory } from "../../services/store/lock.ts";

let directory: string;

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), "threadline-lock-")), "database");
});
afterEach(() => rmSync(dirname(directory), { recursive: true, force: true }));

/** A process that opens the database, writes rows without end and prints each number it committed. */
async function startWriter() {
  const child = spawn(process.execPath, [join(import.meta.dirname, "writer.ts"), directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  while (!output.includes("\n5\n")) await new Promise((resolve) => setTimeout(resolve, 20));
  const committed = () => output.split("\n").slice(0, -1).map(Number).filter(Number.isInteger);
  return { child, committed };
}

test("a second process is refused with pid and directory; after kill -9 the lock is taken over and no committed row is lost", async () => {
  const writer = await startWriter();
  await expect(createDatabase({ directory })).rejects.toMatchObject({
    code: "directory-locked",
    message: expect.stringMatching(new RegExp(`process ${writer.child.pid} .*${directory}`)),
    details: { pid: writer.child.pid, directory },
  });
  writer.child.kill("SIGKILL");
  await once(writer.child, "close");
  const store = await createDatabase({ directory });
  const rows = await store.database.selectFrom("api_keys").select("created_at_milliseconds").execute();
  const kept = new Set(rows.map((row) => row.created_at_milliseconds));
  const committed = writer.committed();
  expect(committed.length).toBeGreaterThanOrEqual(5);
  expect(committed.filter((number) => !kept.has(number))).toEqual([]);
  await store.close();
  expect(existsSync(`${directory}.lock`)).toBe(false);
}, 60_000);

test("one process cannot open a directory twice, and can once it closed it", async () => {
  const first = await createDatabase({ directory });
  await expect(createDatabase({ directory })).rejects.toMatchObject({ code: "directory-locked" });
  await first.close();
  const second = await createDatabase({ directory });
  await second.close();
}, 60_000);

test.each([
  ["a pid that was given to another process since", { pid: process.ppid, startedAt: "1" }],
  ["a pid that no process has", { pid: 2 ** 22 + 7, startedAt: null }],
])("a lock of %s is taken over", (_, owner) => {
  writeFileSync(`${directory}.lock`, JSON.stringify(owner));
  const lock = lockDirectory(directory);
  expect(JSON.parse(readFileSync(lock.path, "utf8"))).toMatchObject({ pid: process.pid });
  lock.release();
  expect(readdirSync(dirname(directory))).toEqual([]);
});

test("a lock file that was cut off while it was written is taken over", () => {
  writeFileSync(`${directory}.lock`, '{"pid":');
  lockDirectory(directory).release();
  expect(existsSync(`${directory}.lock`)).toBe(false);
});
