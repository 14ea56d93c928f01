import { createHash } from "node:crypto";

/** Files by their path within the archive, with forward slashes. */
export type ArchiveFiles = ReadonlyMap<string, Uint8Array>;

/** In the format of `sha256sum`, so that any system's own tool can check an archive too. */
export const CHECKSUMS = "SHA256SUMS";
export const CHECKSUMS_CHECKSUM = "SHA256SUMS.sha256";

export interface FileProblem {
  file: string;
  problem: string;
}

/** Adds the checksums of all files, and theirs. Returns the digest that stands for the whole archive, 64 hex digits. */
export function withChecksums(files: ReadonlyMap<string, string>): { files: Map<string, string>; digest: string } {
  const lines = [...files].sort(byPath).map(([path, text]) => checksumLine(Buffer.from(text, "utf8"), path));
  const checksums = lines.join("");
  const digest = sha256(Buffer.from(checksums, "utf8"));
  return { files: new Map([...files, [CHECKSUMS, checksums], [CHECKSUMS_CHECKSUM, `${digest}  ${CHECKSUMS}\n`]]), digest };
}

/** Digest of an archive: SHA-256 of its checksums. Null when it has none. */
export function archiveDigest(files: ArchiveFiles): string | null {
  const checksums = files.get(CHECKSUMS);
  return checksums === undefined ? null : sha256(checksums);
}

/** Every file that is not as it was exported: changed, missing, or added. */
export function integrityProblems(files: ArchiveFiles): FileProblem[] {
  const checksums = files.get(CHECKSUMS);
  const seal = files.get(CHECKSUMS_CHECKSUM);
  if (checksums === undefined) return [{ file: CHECKSUMS, problem: "is missing: this is no archive, or not a whole one" }];
  if (seal === undefined) return [{ file: CHECKSUMS_CHECKSUM, problem: "is missing" }];
  if (text(seal) !== checksumLine(checksums, CHECKSUMS))
    return [
      { file: CHECKSUMS, problem: `was changed, or ${CHECKSUMS_CHECKSUM} was: one is not the other's` },
      { file: CHECKSUMS_CHECKSUM, problem: `was changed, or ${CHECKSUMS} was` },
    ];
  const listed = new Map(
    text(checksums)
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => [line.slice(66), `${line}\n`]),
  );
  const problems: FileProblem[] = [];
  for (const [path, line] of listed) {
    const content = files.get(path);
    if (content === undefined) problems.push({ file: path, problem: "is missing" });
    else if (checksumLine(content, path) !== line) problems.push({ file: path, problem: "was changed" });
  }
  for (const path of files.keys())
    if (!listed.has(path) && path !== CHECKSUMS && path !== CHECKSUMS_CHECKSUM) problems.push({ file: path, problem: "was added" });
  return problems;
}

function checksumLine(content: Uint8Array, path: string): string {
  return `${sha256(content)}  ${path}\n`;
}

function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function text(content: Uint8Array): string {
  return Buffer.from(content).toString("utf8");
}

function byPath([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
