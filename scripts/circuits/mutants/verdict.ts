/**
 * How a mutant was caught. forgery: it accepts inputs, or a witness, that the circuit refuses. honest: it refuses honest
 * inputs. rank, underived, audit: the determinism audit reports what it does not report of the circuit.
 */
export type Verdict = { killed: "forgery" | "honest" | "rank" | "underived" | "audit"; by: string } | { killed: null } | { killed: "stillborn"; by: string };

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
  /** Mutants that do not compile: not counted. */
  stillborn: number;
  survivors: string[];
  /** Of those killed, in percent; 100 when there was none. */
  percent: number;
}

export function scoreOf(mutants: readonly JudgedMutant[]): Score {
  const counted = mutants.filter(({ verdict }) => verdict.killed !== "stillborn");
  const by: Record<string, number> = {};
  for (const { verdict } of counted) if (verdict.killed !== null) by[verdict.killed] = (by[verdict.killed] ?? 0) + 1;
  const survivors = counted.flatMap(({ name, verdict }) => (verdict.killed === null ? [name] : []));
  const killed = counted.length - survivors.length;
  return { judged: counted.length, killed, by, stillborn: mutants.length - counted.length, survivors, percent: counted.length === 0 ? 100 : (100 * killed) / counted.length };
}
