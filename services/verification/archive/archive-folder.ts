import { lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ThreadlineError } from "../../model/errors.ts";
import type { ArchiveFiles } from "./checksums.ts";

/** Reads every file below a folder. Throws `archive-unreadable` when it cannot, or for what is neither file nor folder. */
export function readArchiveFolder(folder: string): ArchiveFiles {
  const files = new Map<string, Uint8Array>();
  const read = (path: string): void => {
    for (const name of readdirSync(join(folder, path)).sort()) {
      const inner = path === "" ? name : `${path}/${name}`;
      const found = lstatSync(join(folder, inner));
      if (found.isDirectory()) read(inner);
      else if (found.isFile()) files.set(inner, readFileSync(join(folder, inner)));
      else throw new Error(`${inner} is neither a file nor a folder`);
    }
  };
  try {
    read("");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ThreadlineError("archive-unreadable", `the archive ${folder} cannot be read: ${reason}`, { folder }, { cause });
  }
  return files;
}

/** Writes an archive into a new folder. Throws `archive-exists` rather than mix two. */
export function writeArchiveFolder(folder: string, files: ReadonlyMap<string, string>): void {
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length > 0)
    throw new ThreadlineError("archive-exists", `${folder} is not empty; name a new folder for the archive`, { folder });
  for (const [path, text] of files) {
    if (!/^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)*$/.test(path))
      throw new ThreadlineError("archive-path-refused", `the archive names a file "${path.slice(0, 200)}", which is no plain path`, { path });
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { flag: "wx" });
  }
}
