/** Messages of one device and key epoch, put in order. `T` is what is held for a sequence number. */
export interface SequenceTracker<T> {
  /**
   * Takes a stored message. `ready`: what may now be judged, in order. `late`: it came after its place was given up,
   * so that everything has to be judged anew.
   */
  take(sequence: number, item: T, nowMilliseconds: number): { ready: T[]; late: boolean };
  /** Everything up to this number has been handed out or given up. */
  judgedThrough(): number;
  /** Gives up a hole that has been open since before `sinceMilliseconds`; null when there is none. */
  giveUp(sinceMilliseconds: number, nowMilliseconds: number): { firstMissing: number; missing: number; ready: T[] } | null;
}

/** Starts after `judgedThrough`; the first message of a device has number 1. */
export function createSequenceTracker<T>(judgedThrough = 0): SequenceTracker<T> {
  const held = new Map<number, T>();
  let next = judgedThrough + 1;
  let openSince: number | null = null;

  function release(nowMilliseconds: number): T[] {
    const ready: T[] = [];
    for (let item = held.get(next); item !== undefined; item = held.get(next)) {
      ready.push(item);
      held.delete(next);
      next += 1;
    }
    if (held.size === 0) openSince = null;
    else if (ready.length > 0 || openSince === null) openSince = nowMilliseconds;
    return ready;
  }

  return {
    take(sequence, item, nowMilliseconds) {
      if (sequence < next) return { ready: [], late: true };
      held.set(sequence, item);
      return { ready: release(nowMilliseconds), late: false };
    },
    judgedThrough: () => next - 1,
    giveUp(sinceMilliseconds, nowMilliseconds) {
      if (openSince === null || openSince > sinceMilliseconds) return null;
      const firstMissing = next;
      next = [...held.keys()].reduce((least, sequence) => Math.min(least, sequence));
      return { firstMissing, missing: next - firstMissing, ready: release(nowMilliseconds) };
    },
  };
}
