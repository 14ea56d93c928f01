import { readFileSync, statSync } from "node:fs";
import { z } from "zod";
import { ThreadlineError } from "../../model/errors.ts";
import { readArchiveFolder, writeArchiveFolder } from "../../verification/archive/archive-folder.ts";
import type { ArchiveFiles } from "../../verification/archive/checksums.ts";
import { renderArchiveReport, verifyArchive } from "../../verification/archive/verify-archive.ts";
import { apiClient } from "../endpoints.ts";
import { printJson } from "../print.ts";

const archiveSchema = z.looseObject({ digest: z.string(), files: z.record(z.string(), z.string()) });

/** Writes a journey's archive into a new folder, and prints the digest to note. */
export async function exportJourney(journeyId: string, options: { out?: string }): Promise<void> {
  const client = apiClient();
  const answer = await client.must(client.get(`/journeys/${encodeURIComponent(journeyId)}/archive`));
  const { digest, files } = archiveSchema.parse(answer);
  const folder = options.out ?? `journey-${journeyId.slice(2, 14)}`;
  writeArchiveFolder(folder, new Map(Object.entries(files)));
  process.stdout.write(`${folder}: ${Object.keys(files).length} files\ndigest ${digest}\n`);
}

/** Checks an archive, a folder or the API's answer as a file, without the network: 0 genuine, 1 not, 2 could not check. */
export async function verifyArchivePath(path: string, options: { json?: boolean; digest?: string }): Promise<number> {
  const report = await verifyArchive(readArchive(path), options.digest);
  if (options.json === true) printJson(report);
  else process.stdout.write(renderArchiveReport(report));
  return report.exitCode;
}

function readArchive(path: string): ArchiveFiles {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() !== true) return readArchiveFolder(path);
  try {
    const { files } = archiveSchema.parse(JSON.parse(readFileSync(path, "utf8")));
    return new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text, "utf8")]));
  } catch (cause) {
    throw new ThreadlineError("archive-unreadable", `${path} is no archive: name its folder, or the API's answer`, { path }, { cause });
  }
}
