import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Pid files, one per process, under `<home>/processes/`: how a start finds what a killed one left running. */
export function writeProcessFile(home: string, name: string, pid: number, details: Record<string, unknown> = {}): void {
  const directory = join(home, "processes");
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${name}.json`), JSON.stringify({ pid, ...details }) + "\n");
  writeFileSync(join(directory, `${name}.pid`), `${pid}\n`);
}

export function removeProcessFile(home: string, name: string): void {
  rmSync(join(home, "processes", `${name}.json`), { force: true });
  rmSync(join(home, "processes", `${name}.pid`), { force: true });
}

/** What a process file says, when the process it names still runs. */
export function runningProcess(home: string, name: string): ({ pid: number } & Record<string, unknown>) | undefined {
  try {
    const found = JSON.parse(readFileSync(join(home, "processes", `${name}.json`), "utf8")) as { pid: number };
    process.kill(found.pid, 0);
    return found;
  } catch {
    return undefined;
  }
}
