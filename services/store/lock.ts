import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { ThreadlineError } from "../model/errors.ts";

/** Who holds a lock. `startedAt` tells a live owner from another process that was given its pid later. */
interface LockOwner {
  pid: number;
  startedAt: string | null;
}

export interface DirectoryLock {
  path: string;
  release(): void;
}

/**
 * Takes the exclusive lock on a directory: the file `<directory>.lock`, which names its owner. A lock whose owner no
 * longer runs (kill -9, power loss) is taken over. Throws `directory-locked` naming the pid and the directory.
 */
export function lockDirectory(directory: string): DirectoryLock {
  const path = `${directory}.lock`;
  const mine = JSON.stringify({ pid: process.pid, startedAt: processStart(process.pid) } satisfies LockOwner);
  const draft = `${path}.${process.pid}.${randomUUID()}`;
  writeFileSync(draft, mine);
  try {
    while (!linkIfFree(draft, path)) removeDeadLock(directory, path);
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    path,
    release: () => {
      if (readIfThere(path) === mine) rmSync(path, { force: true });
    },
  };
}

/** Moving the lock aside before judging it keeps two processes that find the same dead owner from both taking over. */
function removeDeadLock(directory: string, path: string): void {
  const seen = readIfThere(path);
  if (seen === null) return;
  const owner = parseOwner(seen);
  if (owner !== null && isRunning(owner)) throw locked(directory, path, owner.pid);
  const aside = `${path}.${process.pid}.${randomUUID()}`;
  if (!renameIfThere(path, aside)) return;
  if (readIfThere(aside) !== seen) linkIfFree(aside, path);
  rmSync(aside, { force: true });
}

function locked(directory: string, path: string, pid: number): ThreadlineError {
  return new ThreadlineError(
    "directory-locked",
    `process ${pid} already uses the database in ${directory}; stop it first, or choose another directory`,
    { directory, path, pid },
  );
}

function parseOwner(text: string): LockOwner | null {
  try {
    const owner = JSON.parse(text) as LockOwner;
    return Number.isInteger(owner.pid) && owner.pid > 0 ? owner : null;
  } catch {
    return null;
  }
}

function isRunning(owner: LockOwner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const startedAt = processStart(owner.pid);
  return owner.startedAt === null || startedAt === null || owner.startedAt === startedAt;
}

/** Start time of a process in clock ticks since boot (Linux); null where the system does not tell. */
function processStart(pid: number): string | null {
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat === null) return null;
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function linkIfFree(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function renameIfThere(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
