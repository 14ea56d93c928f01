import type { AuditReport } from "./audit-report.ts";
import { isoTime } from "./registry-state.ts";
import { erasedText, withheldText } from "./audit-report.ts";
import { printable } from "./render.ts";
import { divergenceText, timelineEntries } from "./timeline-entries.ts";

const WIDTH = 100;
const TIME_WIDTH = 22;
const KIND_WIDTH = 11;
const INDENT = " ".repeat(TIME_WIDTH + KIND_WIDTH);

/** The auditor's timeline as plain text of fixed width; ends with a newline. */
export function renderTimeline(report: AuditReport): string {
  const { divergences } = report;
  const lines = [
    `Journey ${report.journeyId}`,
    `Chain ${report.chainId} up to block ${report.headBlock}, flow ${report.flow.name} version ${report.flow.version}`,
    "",
    `${"Time (UTC)".padEnd(TIME_WIDTH)}${"Kind".padEnd(KIND_WIDTH)}What happened`,
    "-".repeat(WIDTH),
  ];
  for (const entry of timelineEntries(report)) {
    const title = entry.isSerious ? `! ${entry.title}` : entry.title;
    lines.push(...wrap(`${isoTime(entry.at).padEnd(TIME_WIDTH)}${entry.kind.padEnd(KIND_WIDTH)}`, title));
    for (const note of entry.notes) lines.push(...wrap(INDENT, note));
    for (const divergence of entry.divergences) lines.push(...wrap(`${INDENT}! `, divergenceText(divergence)));
  }
  lines.push("-".repeat(WIDTH), `Head of the hash chain: ${report.head}`);
  if (report.erasedAt !== null) lines.push(...wrap("", erasedText(report.erasedAt)));
  if (report.withheld !== undefined) lines.push(...wrap("", withheldText(report.withheld)));
  if (divergences.length === 0) lines.push("No divergence: chain, disclosed events and flow agree.");
  else lines.push(`Divergences (${divergences.length}):`, ...divergences.flatMap((divergence) => wrap("  ", divergenceText(divergence))));
  return `${lines.join("\n")}\n`;
}

/** Breaks text at spaces so that no line is wider than the page; a longer word stays whole. */
function wrap(prefix: string, text: string): string[] {
  const indent = " ".repeat(prefix.length);
  const lines: string[] = [];
  let line = prefix;
  let isEmpty = true;
  for (const word of printable(text).split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
