import { counted } from "./checks/check.ts";
import type { VerifyReport } from "./verify.ts";

const MARKS = { pass: "ok    ", fail: "FAILED", error: "ERROR " } as const;
const VERDICTS = { compliant: "COMPLIANT", "not-compliant": "NOT COMPLIANT", "could-not-check": "COULD NOT CHECK" } as const;
const NAME_WIDTH = 15;

/** The regulator's report as plain text; ends with a newline. */
export function renderVerify(report: VerifyReport): string {
  const { journeyId, verdict, exitCode, checks, summary } = report;
  const lines = [`Journey ${journeyId}`];
  if (summary !== null) {
    lines.push(`Chain ${summary.chainId} up to block ${summary.headBlock}, flow ${summary.flow}`);
    lines.push([
        counted(summary.events, "event"),
        counted(summary.proofs, "proof"),
        counted(summary.exceptions.length, "exception"),
      ].join(", "),
    );
    lines.push(`Released: ${summary.releases.length === 0 ? "nothing" : summary.releases.join(", ")}`);
  }
  lines.push("");
  for (const { name, status, detail, problems } of checks) {
    const [first = detail, ...others] = status === "pass" ? [detail] : problems;
    lines.push(`${MARKS[status]}  ${name.padEnd(NAME_WIDTH)}  ${printable(first)}`);
    lines.push(...others.map((problem) => `${" ".repeat(8 + NAME_WIDTH)}  ${printable(problem)}`));
  }
  lines.push("", `Verdict: ${VERDICTS[verdict]} (exit code ${exitCode})`, "");
  return lines.join("\n");
}

/** Text from outside on a terminal: control characters would move the cursor or change colours. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, "?");
}
