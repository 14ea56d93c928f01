import { z } from "zod";
import { ThreadlineError } from "../model/errors.ts";

/** An error as its reader needs it: what was wrong, with which values; a stack only for what nobody foresaw. */
export function printError(error: unknown): void {
  if (error instanceof ThreadlineError) process.stderr.write(`threadline: ${error.message} [${error.code}]\n`);
  else if (error instanceof z.ZodError) process.stderr.write(`threadline: ${z.prettifyError(error)}\n`);
  else process.stderr.write(`threadline: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
}

export function printJson(value: unknown): void {
  process.stdout.write(JSON.stringify(value, null, 2) + "\n");
}

/** A table with a heading line; columns as wide as their widest cell. */
export function printTable(headings: string[], rows: string[][]): void {
  const widths = headings.map((heading, column) => Math.max(heading.length, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (cells: string[]) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd();
  process.stdout.write([line(headings), ...rows.map(line)].join("\n") + "\n");
}

/** Counted steps: a bar on a terminal, plain lines elsewhere. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr) {
  let lastLength = 0;
  return {
    step(done: number, total: number, text: string): void {
      if (!stream.isTTY) {
        stream.write(`[${done}/${total}] ${text}\n`);
        return;
      }
      const filled = Math.round((done / Math.max(1, total)) * 20);
      const line = `[${"#".repeat(filled)}${".".repeat(20 - filled)}] ${done}/${total} ${text}`.slice(0, (stream.columns ?? 80) - 1);
      stream.write(`\r${line.padEnd(lastLength)}`);
      lastLength = line.length;
    },
    done(): void {
      if (stream.isTTY && lastLength > 0) stream.write(`\r${" ".repeat(lastLength)}\r`);
      lastLength = 0;
    },
  };
}
