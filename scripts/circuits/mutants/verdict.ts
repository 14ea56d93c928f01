/**
 * How a mutant was caught. forgery: it accepts inputs, or a witness, that the circuit refuses. honest: it refuses honest
 * inputs. alone, underived, rank, audit: the determinism audit reports what it does not report of the circuit.
 * No mutants at all, and not counted, are those that do not compile (stillborn) and those whose compiled constraints are
 * the circuit's own (equivalent), such as an edit of a template the circuit never instantiates.
 */
export type Verdict = { killed: "forgery" | "honest" | "alone" | "underived" | "rank" | "audit"; by: string } | { killed: null } | { killed: "stillborn" | "equivalent"; by: string };

export interface JudgedMutant {
  /** File, line and edit, or the constraint with a signal of its own. */
  name: string;
  verdict: Verdict;
}

export interface Score {
  judged: number;
  killed: number;
  /** Kills by how they were caught. */
  by: Record<string, number>;
  /** Mutants that do not compile, and those that compile to the circuit itself: not counted. */
  stillborn: number;
  equivalent: number;
  survivors: string[];
  /** Of those judged, in percent; 100 when there was none. */
  percent: number;
}

export function scoreOf(mutants: readonly JudgedMutant[]): Score {
  const of = (what: Verdict["killed"]): JudgedMutant[] => mutants.filter(({ verdict }) => verdict.killed === what);
  const [stillborn, equivalent] = [of("stillborn").length, of("equivalent").length];
  const survivors = of(null).map(({ name }) => name);
  const judged = mutants.length - stillborn - equivalent;
  const killed = judged - survivors.length;
  const by: Record<string, number> = {};
  for (const { verdict } of mutants) if (verdict.killed !== null && verdict.killed !== "stillborn" && verdict.killed !== "equivalent") by[verdict.killed] = (by[verdict.killed] ?? 0) + 1;
  return { judged, killed, by, stillborn, equivalent, survivors, percent: judged === 0 ? 100 : (100 * killed) / judged };
}
