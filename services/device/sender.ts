import type { PendingMessage } from "./message-store.ts";

export interface SenderConfig {
  /** Messages without a receipt that may be under way at once. */
  window: number;
  /** A message without a receipt is sent again after this many milliseconds, and after ever more while none comes. */
  resendMilliseconds: number;
}

export interface Sender {
  /** Sends what the window allows; call it after every change. */
  pump(): void;
  /** A new connection: everything without a receipt is to be sent again. */
  restart(): void;
  /** Sends again what waited too long for its receipt. */
  resendOverdue(): void;
}

const LONGEST_PAUSE_FACTOR = 12;

/**
 * Sends pending messages in their order, a window at a time. A broker may take a message and lose it, so only a
 * receipt, which removes it from `pending`, ends the resending.
 */
export function createSender(
  config: SenderConfig,
  parts: { pending: ReadonlyMap<number, PendingMessage>; isConnected: () => boolean; publish: (message: PendingMessage) => void },
): Sender {
  const { pending } = parts;
  const sentAt = new Map<number, number>();
  let sentThrough = 0;
  let pauseMilliseconds = config.resendMilliseconds;

  function send(message: PendingMessage): void {
    sentAt.set(message.sequence, Date.now());
    parts.publish(message);
  }

  function pump(): void {
    if (!parts.isConnected()) return;
    for (const sequence of sentAt.keys())
      if (!pending.has(sequence)) {
        sentAt.delete(sequence);
        pauseMilliseconds = config.resendMilliseconds;
      }
    if (sentAt.size >= config.window) return;
    for (const message of pending.values()) {
      if (message.sequence <= sentThrough) continue;
      if (sentAt.size >= config.window) return;
      send(message);
      sentThrough = message.sequence;
    }
  }

  return {
    pump,
    restart() {
      sentAt.clear();
      sentThrough = 0;
      pauseMilliseconds = config.resendMilliseconds;
      pump();
    },
    resendOverdue() {
      if (!parts.isConnected()) return;
      const overdueBefore = Date.now() - pauseMilliseconds;
      const overdue = [...sentAt].flatMap(([sequence, time]) => (time <= overdueBefore ? (pending.get(sequence) ?? []) : []));
      overdue.forEach(send);
      // Nobody answers: a broker that keeps every copy must not be filled.
      if (overdue.length > 0) pauseMilliseconds = Math.min(pauseMilliseconds * 2, config.resendMilliseconds * LONGEST_PAUSE_FACTOR);
      pump();
    },
  };
}
