import { sealedEdge } from "./vault/index.ts";
import type { JourneyCipher, Vault } from "./vault/index.ts";

/** Blind index of a node: a person, a donation, a container, a batch or a lot. Nodes join journeys, so the node's key hides them. */
export const genealogyNodeIndex = (vault: Vault, node: string) => vault.blindIndex("genealogy_edges/node", node);

/** Blind index of what an edge was learned from. */
export const genealogySourceIndex = (vault: Vault, source: string) => vault.blindIndex("genealogy_edges/source", source);

/** Columns of an edge; `journeyId` null is one of no journey yet. */
export function sealEdge(vault: Vault, cipher: JourneyCipher, journeyId: string | null, edge: { from: string; to: string; source: string }) {
  const { from, to, source } = edge;
  const ends = { from_index: genealogyNodeIndex(vault, from), to_index: genealogyNodeIndex(vault, to) };
  return {
    ...ends,
    source_index: genealogySourceIndex(vault, source),
    sealed_edge: sealedEdge.seal(cipher, journeyId, placeOf(ends), { from, to }),
  };
}

/** The two ends in clear; null once they were erased. */
export function openEdge(cipher: JourneyCipher, row: { journey_id: string | null; from_index: string; to_index: string; sealed_edge: string }) {
  return sealedEdge.open(cipher, row.journey_id, placeOf(row), row.sealed_edge);
}

function placeOf({ from_index, to_index }: { from_index: string; to_index: string }): string {
  return `${from_index}/${to_index}`;
}
