import { z } from "zod";
import { canonicalJson } from "../../model/canonical-json.ts";
import { keccak256, toUtf8Bytes } from "ethers";
import { parseDisclosure } from "../disclosure.ts";
import type { Disclosure } from "../disclosure.ts";
import { printable } from "../render.ts";
import { replayJourney } from "../replay.ts";
import type { AuditReport } from "../replay.ts";
import { parseVerificationKey } from "../verification-key.ts";
import type { VerificationKeys } from "../verification-key.ts";
import { verifyJourney } from "../verify.ts";
import type { VerifyReport } from "../verify.ts";
import { ARCHIVE_FORMAT, eventFiles } from "./build-archive.ts";
import { archiveDigest, integrityProblems } from "./checksums.ts";
import type { ArchiveFiles, FileProblem } from "./checksums.ts";
import { createRecordedRpc, recordedCallSchema } from "./recorded-rpc.ts";

export interface ArchiveReport {
  verdict: "genuine" | "not-genuine" | "could-not-check";
  exitCode: 0 | 1 | 2;
  /** SHA-256 of the checksums, which stands for the whole archive. */
  digest: string | null;
  problems: FileProblem[];
  /** Both checks as they come out of the archive alone; null when it was changed or cannot be read. */
  verification: VerifyReport | null;
  audit: AuditReport | null;
}

/**
 * Checks an archive with nothing else at hand, no network: no file was changed, added or is missing; hash chain,
 * signatures, Groth16 proofs and Merkle commitments are checked anew from what the archive holds of the chain; and what
 * comes out is what came out at the export. `expectedDigest` is the one noted at the export, where there is one.
 * It never throws. Genuine (exit code 0), also for a journey that was held; not genuine (1): files are named; could not
 * be checked (2).
 */
export async function verifyArchive(files: ArchiveFiles, expectedDigest?: string): Promise<ArchiveReport> {
  const digest = archiveDigest(files);
  const changed = integrityProblems(files);
  if (expectedDigest !== undefined && digest !== expectedDigest.toLowerCase())
    changed.push({ file: "SHA256SUMS", problem: `has the digest ${digest ?? "none"}, not ${expectedDigest} as noted at the export` });
  if (changed.length > 0) return { verdict: "not-genuine", exitCode: 1, digest, problems: changed, verification: null, audit: null };
  try {
    const { verification, audit, disclosure } = await recheck(files);
    const problems = [...readableCopies(files, disclosure, audit), ...changedReports(files, verification, audit)];
    const isGenuine = problems.length === 0;
    return { verdict: isGenuine ? "genuine" : "not-genuine", exitCode: isGenuine ? 0 : 1, digest, problems, verification, audit };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { verdict: "could-not-check", exitCode: 2, digest, problems: [{ file: "archive.json", problem }], verification: null, audit: null };
  }
}

const aboutSchema = z.looseObject({ format: z.literal(ARCHIVE_FORMAT), journeyId: z.string() });

async function recheck(files: ArchiveFiles) {
  const { journeyId } = aboutSchema.parse(readJson(files, "archive.json"));
  const disclosure = parseDisclosure(readJson(files, "disclosure.json"));
  const chain = [...files.keys()].filter((path) => path.startsWith("chain/"));
  const calls = chain.flatMap((path) => z.array(recordedCallSchema).parse(readJson(files, path)));
  const rpc = createRecordedRpc(calls);
  const source = { rpcUrl: "archive", rpc, addresses: readJson(files, "addresses.json"), journeyId };
  const audit = await replayJourney({ ...source, disclosure });
  const verification = await verifyJourney({ ...source, verificationKeys: keysOf(files) });
  return { verification, audit, disclosure };
}

/** The keys the archive brings, by their circuit. */
function keysOf(files: ArchiveFiles): Partial<VerificationKeys> {
  const names = [...files.keys()].flatMap((path) => /^verification-keys\/([\w-]+)\.json$/.exec(path)?.[1] ?? []);
  return Object.fromEntries(names.map((name) => [name, parseVerificationKey(readJson(files, `verification-keys/${name}.json`))]));
}

/** What is there for people to read must say what was checked. */
function readableCopies(files: ArchiveFiles, disclosure: Disclosure, audit: AuditReport): FileProblem[] {
  const problems: FileProblem[] = [];
  const expected = new Map(eventFiles(disclosure));
  for (const [path, text] of expected)
    if (fileText(files, path) !== text) problems.push({ file: path, problem: "is not the event of disclosure.json" });
  for (const path of files.keys())
    if (path.startsWith("events/") && !expected.has(path)) problems.push({ file: path, problem: "is no event of disclosure.json" });
  const flow = z.looseObject({ document: z.unknown() }).parse(readJson(files, "flow.json"));
  if (keccak256(toUtf8Bytes(canonicalJson(flow.document))) !== audit.flow.documentHash)
    problems.push({ file: "flow.json", problem: `is not the flow the journey was opened with, ${audit.flow.documentHash}` });
  return problems;
}

const verificationSchema = z.looseObject({
  verdict: z.string(),
  checks: z.array(z.looseObject({ name: z.string(), status: z.string(), problems: z.array(z.string()) })),
});
const auditSchema = z.looseObject({ head: z.string(), divergences: z.array(z.looseObject({ kind: z.string(), what: z.string() })) });

/** The checks must come out as they did at the export; one that is new since then may only pass. */
function changedReports(files: ArchiveFiles, verification: VerifyReport, audit: AuditReport): FileProblem[] {
  const problems: FileProblem[] = [];
  const before = verificationSchema.parse(readJson(files, "reports/verification.json"));
  for (const check of verification.checks) {
    const exported = before.checks.find(({ name }) => name === check.name);
    const expected = exported === undefined ? "pass" : `${exported.status} ${canonicalJson(exported.problems)}`;
    const actual = exported === undefined ? check.status : `${check.status} ${canonicalJson(check.problems)}`;
    if (expected !== actual)
      problems.push({ file: "reports/verification.json", problem: `the check "${check.name}" came out otherwise at the export: now ${check.status}, ${check.detail}` });
  }
  if (before.verdict !== verification.verdict)
    problems.push({ file: "reports/verification.json", problem: `says ${before.verdict}, the archive says ${verification.verdict}` });
  const exported = auditSchema.parse(readJson(files, "reports/audit.json"));
  const named = (divergences: readonly { kind: string; what: string }[]) => canonicalJson(divergences.map(({ kind, what }) => [kind, what]));
  if (named(exported.divergences) !== named(audit.divergences) || exported.head !== audit.head)
    problems.push({
      file: "reports/audit.json",
      problem: `the replay came out otherwise at the export: now ${audit.divergences.map(({ kind, what }) => `${kind} (${what})`).join(", ") || "no divergence"}`,
    });
  return problems;
}

function fileText(files: ArchiveFiles, path: string): string | null {
  const content = files.get(path);
  return content === undefined ? null : Buffer.from(content).toString("utf8");
}

function readJson(files: ArchiveFiles, path: string): unknown {
  const text = fileText(files, path);
  if (text === null) throw new Error(`the archive has no ${path}`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${path} is no JSON`, { cause });
  }
}

/** The report as plain text; ends with a newline. */
export function renderArchiveReport(report: ArchiveReport): string {
  const { verification, audit } = report;
  const lines = [
    `Archive ${report.digest ?? "without checksums"}`,
    ...report.problems.map(({ file, problem }) => `  ${printable(file)}: ${printable(problem)}`),
    ...(verification === null ? [] : [`  journey ${verification.journeyId}: ${verification.verdict.replaceAll("-", " ")}`]),
    ...(verification?.checks ?? []).map(({ name, status, detail }) => `    ${status.padEnd(5)} ${name.padEnd(16)} ${printable(detail)}`),
    ...(audit === null ? [] : [`  replay: ${audit.events.length} events, ${audit.divergences.length} divergences`]),
    `Verdict: ${report.verdict.replaceAll("-", " ").toUpperCase()} (exit code ${report.exitCode})`,
    "",
  ];
  return lines.join("\n");
}
