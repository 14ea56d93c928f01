/** A merge that stands: the subsumed record is part of the surviving one (HL7 v2 ADT^A40: MRG-1 into PID-3). */
export interface Merge {
  /** Counts all merges in the order they were made. */
  number: number;
  surviving: string;
  subsumed: string;
}

/** The merges that stand, by the record each subsumed. A forest: each tree is one patient, its root the survivor. */
export type Crosswalk = ReadonlyMap<string, Merge>;

export type CrosswalkFact = ({ kind: "merged" } & Merge) | { kind: "unmerged"; number: number };

export type MergeRefusal = "merge-into-itself" | "merge-cycle" | "already-subsumed";

export type MergeVerdict =
  | { kind: "merge" }
  | { kind: "standing"; number: number }
  | { kind: "refused"; code: MergeRefusal; reason: string };

export function crosswalkOf(merges: Iterable<Merge>): Crosswalk {
  return new Map([...merges].map((merge) => [merge.subsumed, merge]));
}

/** The record that stands for the patient a record belongs to. */
export function survivorOf(crosswalk: Crosswalk, record: string): string {
  let survivor = record;
  for (let merge = crosswalk.get(record); merge !== undefined; merge = crosswalk.get(survivor)) survivor = merge.surviving;
  return survivor;
}

/** Every record of the patient a record belongs to, sorted. */
export function recordsOf(crosswalk: Crosswalk, record: string): string[] {
  const survivor = survivorOf(crosswalk, record);
  const subsumed = [...crosswalk.keys()].filter((other) => survivorOf(crosswalk, other) === survivor);
  return [survivor, ...subsumed].sort();
}

/**
 * Whether two records may become one. The subsumed record must be its patient's survivor: what is part of another
 * patient already has to be unmerged first. A merge that stands may be announced again.
 */
export function judgeMerge(crosswalk: Crosswalk, surviving: string, subsumed: string): MergeVerdict {
  if (surviving === subsumed) return refused("merge-into-itself", "both identifiers name the same patient record");
  const standing = crosswalk.get(subsumed);
  if (standing?.surviving === surviving) return { kind: "standing", number: standing.number };
  if (standing !== undefined)
    return refused("already-subsumed", `the prior record is subsumed already by merge ${standing.number}; unmerge it first`);
  if (survivorOf(crosswalk, surviving) === subsumed)
    return refused("merge-cycle", "the surviving record is itself subsumed by the prior one; unmerge that first");
  return { kind: "merge" };
}

function refused(code: MergeRefusal, reason: string): MergeVerdict {
  return { kind: "refused", code, reason };
}

/**
 * Whether a merge may be undone: undefined when it does not stand. Out of order means that a later merge of the same
 * patient stands: it stays, so that the unmerged record takes along what was merged into it, and a person must look.
 */
export function judgeUnmerge(crosswalk: Crosswalk, number: number): { outOfOrder: boolean } | undefined {
  const merge = [...crosswalk.values()].find((candidate) => candidate.number === number);
  if (merge === undefined) return undefined;
  const survivor = survivorOf(crosswalk, merge.subsumed);
  const later = [...crosswalk.values()].filter((other) => other.number > number);
  return { outOfOrder: later.some((other) => survivorOf(crosswalk, other.subsumed) === survivor) };
}

export function withMerge(crosswalk: Crosswalk, merge: Merge): Crosswalk {
  return new Map([...crosswalk, [merge.subsumed, merge]]);
}

export function withoutMerge(crosswalk: Crosswalk, number: number): Crosswalk {
  return new Map([...crosswalk].filter(([, merge]) => merge.number !== number));
}

/** The crosswalk that a history of merges and unmerges leads to. */
export function replayCrosswalk(facts: Iterable<CrosswalkFact>): Crosswalk {
  let crosswalk: Crosswalk = new Map();
  for (const fact of facts)
    crosswalk =
      fact.kind === "merged"
        ? withMerge(crosswalk, { number: fact.number, surviving: fact.surviving, subsumed: fact.subsumed })
        : withoutMerge(crosswalk, fact.number);
  return crosswalk;
}
