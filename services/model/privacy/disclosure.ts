import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { hexlify } from "ethers";
import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";
import { ThreadlineError } from "../errors.ts";
import { LEAF_ENCODING } from "./event-commitment.ts";
import { CONTEXT_PATH, eventLeaves, TEXT_PATH } from "./event-leaves.ts";
import type { EventText } from "./event-leaves.ts";

type LeafTuple = [path: string, value: string, salt: string];

const hash32 = z.string().regex(/^0x[0-9a-f]{64}$/, "expected 0x and 64 lower-case hex digits");

const leafSchema = z.strictObject({
  path: z.string().max(2_000),
  value: z.string(),
  salt: hash32,
  proof: z.array(hash32).max(40),
});

/**
 * Some fields of one event, each with what shows that the ledger's commitment holds it. A leaf stands alone: whoever
 * was shown two may pass on one. `journeyId` says where on the ledger the commitment is to be found.
 */
export const fieldDisclosureSchema = z.strictObject({
  format: z.literal("threadline-field-disclosure/1"),
  journeyId: hash32,
  commitment: hash32,
  leaves: z.array(leafSchema).min(1).max(5_000),
});

export type FieldDisclosure = z.output<typeof fieldDisclosureSchema>;

/**
 * Shows the fields at these paths, and nothing else. A path is a leaf's or that of an object or list, which shows all
 * below it. Throws ThreadlineError `path-unknown` for one the event has nothing at.
 */
export function discloseFields(
  journeyId: string,
  event: { eventHash: Uint8Array; text: EventText; salt: Uint8Array },
  paths: readonly string[],
): FieldDisclosure {
  const leaves = eventLeaves(event.eventHash, event.text, event.salt);
  const tree = StandardMerkleTree.of<LeafTuple>(
    leaves.map(({ path, value, salt }) => [path, value, hexlify(salt)]),
    LEAF_ENCODING,
  );
  const isAsked = (path: string) => paths.some((asked) => path === asked || path.startsWith(`${asked}/`));
  const unknown = paths.filter((asked) => !leaves.some(({ path }) => path === asked || path.startsWith(`${asked}/`)));
  if (paths.length === 0 || unknown.length > 0)
    throw new ThreadlineError(
      "path-unknown",
      `the event has nothing at ${unknown.length === 0 ? "no path" : unknown.join(", ")}; give JSON pointers such as /eventTime, or "${TEXT_PATH}" or "${CONTEXT_PATH}"`,
      { unknown },
    );
  const shown = leaves.flatMap(({ path, value, salt }, index) =>
    isAsked(path) ? [{ path, value, salt: hexlify(salt), proof: tree.getProof(index) }] : [],
  );
  return { format: "threadline-field-disclosure/1", journeyId, commitment: tree.root, leaves: shown };
}

/** Throws ThreadlineError `disclosure-invalid` naming what is wrong with the document. */
export function parseFieldDisclosure(value: unknown): FieldDisclosure {
  const parsed = fieldDisclosureSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 10).map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new ThreadlineError("disclosure-invalid", `the disclosure cannot be read: ${problems.join("; ")}`, { problems });
}

/**
 * What keeps the document from being what the commitment holds, one by one; empty when every field shown is in it.
 * Path, value and salt are all under the leaf's hash: a leaf cannot pose as another field, nor a node as a leaf.
 */
export function fieldDisclosureProblems(document: FieldDisclosure, commitment: string): string[] {
  const problems: string[] = [];
  if (document.commitment !== commitment)
    problems.push(`it is made out for the commitment ${document.commitment}, not for ${commitment}`);
  const seen = new Set<string>();
  for (const { path, value, salt, proof } of document.leaves) {
    if (seen.has(path)) problems.push(`"${path}" is shown twice`);
    seen.add(path);
    if (!isCanonical(value)) problems.push(`the value of "${path}" is not canonical JSON`);
    if (!StandardMerkleTree.verify<LeafTuple>(commitment, LEAF_ENCODING, [path, value, salt], proof))
      problems.push(`"${path}" is not in the commitment with this value, salt and proof`);
  }
  return problems;
}

function isCanonical(text: string): boolean {
  try {
    return canonicalJson(JSON.parse(text)) === text;
  } catch {
    return false;
  }
}
