/** One thing that fails again and again. */
export interface FailingThing {
  key: string;
  failures: number;
  sinceMilliseconds: number;
  problem: string;
}

export interface Backoff {
  /** Whether it failed and its next attempt is not due yet. */
  isResting(key: string): boolean;
  /** Returns how long it rests now, in milliseconds. */
  failed(key: string, error: unknown): number;
  succeeded(key: string): void;
  /** How many rest now. */
  resting(): number;
  /** Everything whose last attempt failed, the longest failing first. */
  failing(): FailingThing[];
}

interface Rest extends FailingThing {
  untilMilliseconds: number;
}

interface BackoffOptions {
  firstMilliseconds: number;
  longestMilliseconds: number;
  /** Default: the machine's clock. */
  now?: () => number;
}

/** Lets each thing that fails rest twice as long as the time before, up to a limit. Forgotten with the process. */
export function createBackoff({ firstMilliseconds, longestMilliseconds, now = Date.now }: BackoffOptions): Backoff {
  const rests = new Map<string, Rest>();
  const isResting = (key: string) => (rests.get(key)?.untilMilliseconds ?? 0) > now();
  return {
    isResting,
    failed(key, error) {
      const { failures: before, sinceMilliseconds } = rests.get(key) ?? { failures: 0, sinceMilliseconds: now() };
      const restMilliseconds = Math.min(longestMilliseconds, firstMilliseconds * 2 ** before);
      const problem = error instanceof Error ? error.message : String(error);
      rests.set(key, { key, failures: before + 1, sinceMilliseconds, problem, untilMilliseconds: now() + restMilliseconds });
      return restMilliseconds;
    },
    succeeded(key) {
      rests.delete(key);
    },
    resting: () => [...rests.keys()].filter(isResting).length,
    failing: () =>
      [...rests.values()]
        .sort((left, right) => left.sinceMilliseconds - right.sinceMilliseconds)
        .map(({ key, failures, sinceMilliseconds, problem }) => ({ key, failures, sinceMilliseconds, problem })),
  };
}
