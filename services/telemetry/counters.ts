import { Counter } from "prom-client";
import type { Registry } from "prom-client";
import type { BatchOutcome } from "./batch-store.ts";
import type { RefusalReason } from "./message-verification.ts";

/** What the bridge did since its start. */
export interface TelemetryCounters {
  /** Messages stored. */
  messages: number;
  readings: number;
  segments: number;
  duplicates: number;
  deadLetters: number;
  receipts: number;
}

export interface CounterBook {
  add(outcome: BatchOutcome): void;
  counters(): TelemetryCounters;
  deadLettersByReason(): Partial<Record<RefusalReason, number>>;
  /** Shows the counters as Prometheus metrics. */
  register(registry: Registry): void;
}

export function createCounterBook(): CounterBook {
  const counted: TelemetryCounters = { messages: 0, readings: 0, segments: 0, duplicates: 0, deadLetters: 0, receipts: 0 };
  const reasons: Partial<Record<RefusalReason, number>> = {};
  return {
    add({ stored, receipts, refused }) {
      counted.messages += stored.length;
      counted.receipts += receipts.length;
      counted.duplicates += receipts.length - stored.length;
      for (const { message } of stored) {
        if (message.type === "segment") counted.segments += 1;
        else counted.readings += message.readings.length;
      }
      counted.deadLetters += refused.length;
      for (const { reason } of refused) reasons[reason] = (reasons[reason] ?? 0) + 1;
    },
    counters: () => ({ ...counted }),
    deadLettersByReason: () => ({ ...reasons }),
    register(registry) {
      const expose = (name: keyof TelemetryCounters, metric: string, help: string) =>
        new Counter({
          name: metric,
          help,
          registers: [registry],
          collect() {
            this.reset();
            this.inc(counted[name]);
          },
        });
      expose("messages", "threadline_telemetry_messages_total", "Telemetry messages durably stored");
      expose("readings", "threadline_telemetry_readings_total", "Readings durably stored");
      expose("segments", "threadline_telemetry_segments_total", "Segments durably stored");
      expose("duplicates", "threadline_telemetry_duplicates_total", "Messages that were stored already");
      expose("receipts", "threadline_telemetry_receipts_total", "Receipts sent to devices");
      new Counter({
        name: "threadline_telemetry_dead_letters_total",
        help: "Messages refused and kept as dead letters",
        labelNames: ["reason"],
        registers: [registry],
        collect() {
          this.reset();
          for (const [reason, count] of Object.entries(reasons)) this.inc({ reason }, count);
        },
      });
    },
  };
}
