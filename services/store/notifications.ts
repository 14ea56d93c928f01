/** Something that became visible on the ledger (or was refused by it), for live views. */
export interface Notification {
  type:
    | "custody-event"
    | "exception"
    | "segment"
    | "interval-acceptance"
    | "equipment-acceptance"
    | "identity-check"
    | "release"
    | "disposition"
    | "recall"
    | "operation";
  journeyId: string | null;
  data: Record<string, unknown>;
  atMilliseconds: number;
}

export type NotificationListener = (notification: Notification) => void;

export interface Notifications {
  publish(notification: Notification): void;
  /** Returns the function that ends the subscription. */
  subscribe(listener: NotificationListener): () => void;
}

/**
 * Notifications within one process. They are a hint, not a record: whoever missed one reads the database.
 * A listener that throws is reported to `onError` and keeps none of the others from hearing.
 */
export function createNotifications(onError: (error: unknown) => void = () => undefined): Notifications {
  const listeners = new Set<NotificationListener>();
  return {
    publish(notification) {
      for (const listener of [...listeners]) {
        try {
          listener(notification);
        } catch (error) {
          onError(error);
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
