import { readFileSync, writeFileSync } from "node:fs";
import { ThreadlineError } from "../../model/errors.ts";
import { renderFieldDisclosure, verifyFieldDisclosure } from "../../verification/field-disclosure.ts";
import { apiClient, chainOf } from "../endpoints.ts";
import { printJson } from "../print.ts";

/** Shows chosen fields of an event: prints the document, or writes it to a file. */
export async function discloseEventFields(
  journeyId: string,
  options: { event: string; paths: string[]; out?: string; errorDeclaration?: boolean },
): Promise<void> {
  const client = apiClient();
  const document = await client.must(
    client.post(`/journeys/${encodeURIComponent(journeyId)}/disclosures`, {
      eventId: options.event,
      paths: options.paths,
      errorDeclaration: options.errorDeclaration ?? false,
    }),
  );
  if (options.out === undefined) printJson(document);
  else writeFileSync(options.out, `${JSON.stringify(document, null, 2)}\n`);
}

/** Checks a disclosure of fields against the chain alone: 0 holds, 1 does not hold, 2 could not be checked. */
export async function verifyDisclosureFile(
  file: string,
  options: { json?: boolean; rpc?: string; addresses?: string },
): Promise<number> {
  const report = await verifyFieldDisclosure({ ...chainOf(options), document: readJson(file) });
  if (options.json === true) printJson(report);
  else process.stdout.write(renderFieldDisclosure(report));
  return report.exitCode;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new ThreadlineError("file-unreadable", `${file} cannot be read as JSON`, { file }, { cause });
  }
}
