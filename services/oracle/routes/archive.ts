import { z } from "zod";
import { ThreadlineError } from "../../model/errors.ts";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { refuseErased, visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { disclosureOf } from "./disclosure.ts";
import { journeyPath } from "../schemas/common.ts";

const archiveSchema = z.strictObject({
  format: z.string(),
  journeyId: z.string(),
  digest: z.string().meta({ description: "SHA-256 of the file SHA256SUMS: note it to hold the archive against" }),
  files: z.record(z.string(), z.string()).meta({ description: "text of each file by its path" }),
});

/** A journey as plain files that can be read and checked without this node, decades later. */
export function archiveOperations(parts: OracleParts): Operation[] {
  const exportArchive = operation({
    operationId: "exportJourney",
    method: "get",
    path: "/journeys/{journeyId}/archive",
    tag: "audit",
    summary: "Events, salts, chain, proofs, keys and reports of a journey, to be verified offline (threadline verify-archive)",
    parameters: journeyPath,
    responses: {
      200: { description: "The archive.", schema: archiveSchema },
      404: { description: "No such journey." },
      409: { description: "The journey is not on the ledger yet." },
      410: { description: "Erased on the subject's request." },
      501: { description: "This node makes no archives." },
    },
    async handle({ path, caller }) {
      const journey = await visibleJourney(parts.database, caller, path.journeyId);
      refuseErased(journey);
      if (parts.buildArchive === undefined) throw problem(501, "no-archives", "this node makes no archives; ask who runs it");
      return { status: 200, body: await built(parts.buildArchive, path.journeyId, await disclosureOf(parts, caller, journey)) };
    },
  });
  return [exportArchive];
}

async function built(build: NonNullable<OracleParts["buildArchive"]>, journeyId: string, disclosure: unknown) {
  try {
    return await build(journeyId, disclosure);
  } catch (error) {
    const code = error instanceof ThreadlineError ? error.code : "";
    if (code === "journey-unknown")
      throw problem(409, "not-recorded-yet", "the journey is not on the ledger yet; ask again once it is recorded");
    if (code === "rpc-unreachable") throw problem(503, "ledger-unreachable", "the ledger does not answer; ask again later");
    throw error;
  }
}
