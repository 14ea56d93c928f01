import { counted } from "./checks/check.ts";
import type { AuditEvent, AuditReport } from "./audit-report.ts";
import { erasedText, withheldText } from "./audit-report.ts";
import { isoTime } from "./registry-state.ts";
import { printable } from "./render.ts";
import { divergenceText, timelineEntries } from "./timeline-entries.ts";
import type { TimelineEntry } from "./timeline-entries.ts";

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --paper: #fff; --bad: #b42318; --good: #1a7f37; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --line: #3d444d; --paper: #0d1117; --bad: #ff8a80; --good: #56d364; } }
@media print { :root { --ink: #000; --soft: #333; --line: #999; --paper: #fff; --bad: #900; --good: #060; } li, tr { break-inside: avoid; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code { font: 0.85em ui-monospace, monospace; overflow-wrap: anywhere; }
.verdict { border-left: 0.4rem solid var(--good); padding: 0.2rem 1rem; }
.verdict.serious { border-color: var(--bad); }
ol.timeline { list-style: none; padding: 0; }
ol.timeline li { border-left: 3px solid var(--line); margin: 0; padding: 0 0 1rem 1rem; }
ol.timeline li.serious { border-color: var(--bad); }
time, .kind { color: var(--soft); font-size: 0.85em; }
h3 { margin: 0; font-size: 1rem; }
p { margin: 0.1rem 0; }
.divergence { color: var(--bad); overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; border-bottom: 1px solid var(--line); padding: 0.3rem 0.6rem 0.3rem 0; vertical-align: top; overflow-wrap: anywhere; }
`;

/** The auditor's report as one page that needs nothing from outside: readable, printable, light and dark. */
export function renderHtml(report: AuditReport): string {
  const { divergences, flow } = report;
  const isClean = divergences.length === 0;
  const holding = report.exceptions.filter((exception) => exception.holdsRelease).length;
  const verdict = isClean
    ? "No divergence: chain, disclosed events and flow agree."
    : `${counted(divergences.length, "divergence")} between chain, disclosed events and flow.`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Audit of journey ${escape(report.journeyId.slice(0, 12))}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Audit of a journey</h1>
<p>Journey <code>${escape(report.journeyId)}</code></p>
<p>Chain ${escape(report.chainId)} up to block ${report.headBlock}; flow ${escape(flow.name)} version ${flow.version}, document <code>${escape(flow.documentHash)}</code></p>
<div class="verdict${isClean ? "" : " serious"}">
<p><strong>${escape(verdict)}</strong></p>
<p>${counted(report.events.length, "event")}, ${counted(report.exceptions.length, "exception")} (${holding} holding a release), ${counted(report.releases.length, "release")}.</p>
${report.erasedAt === null ? "" : `<p>${escape(erasedText(report.erasedAt))}</p>\n`}${report.withheld === undefined ? "" : `<p>${escape(withheldText(report.withheld))}</p>\n`}</div>
${divergenceList(report)}
<h2>Timeline</h2>
<ol class="timeline">
${timelineEntries(report).map(entryHtml).join("\n")}
</ol>
<h2>Custody record</h2>
<table>
<thead><tr><th>#</th><th>Step</th><th>Commitment</th><th>Head after</th></tr></thead>
<tbody>
${report.events.map(recordRow).join("\n")}
</tbody>
</table>
</body>
</html>
`;
}

function divergenceList({ divergences }: AuditReport): string {
  if (divergences.length === 0) return "";
  const items = divergences.map((divergence) => `<li class="divergence">${escape(divergenceText(divergence))}</li>`);
  return `<h2>Divergences</h2>\n<ul>\n${items.join("\n")}\n</ul>`;
}

function recordRow({ sequence, title, commitment, head }: AuditEvent): string {
  const hashes = [commitment, head].map((hash) => `<td><code>${escape(hash)}</code></td>`);
  return `<tr><td>${sequence}</td><td>${escape(title)}</td>${hashes.join("")}</tr>`;
}

function entryHtml({ at, kind, title, notes, isSerious, divergences }: TimelineEntry): string {
  const time = isoTime(at);
  return [
    `<li class="${kind}${isSerious ? " serious" : ""}">`,
    `<time datetime="${escape(time)}">${escape(time)}</time> <span class="kind">${kind}</span>`,
    `<h3>${escape(title)}</h3>`,
    ...notes.map((note) => `<p>${escape(note)}</p>`),
    ...divergences.map((divergence) => `<p class="divergence">${escape(divergenceText(divergence))}</p>`),
    "</li>",
  ].join("\n");
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text from outside, safe in HTML text and in quoted attributes. */
function escape(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
