import type { Kysely } from "kysely";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { countDeadLetters, countDeadLettersWithoutText } from "../store/dead-letter-counts.ts";
import type { Database } from "../store/schema.ts";

export interface OracleMetrics {
  /** Prometheus text format. */
  render(): Promise<string>;
  contentType: string;
  observeRequest(operation: string, status: number, seconds: number): void;
  observeCapture(newEvents: number, success: boolean): void;
}

/**
 * Metrics of this node. What the database knows is counted there when asked for, so that a restart loses nothing.
 * Other parts may add theirs to the same registry.
 */
export function createMetrics(database: Kysely<Database>, registry: Registry = new Registry()): OracleMetrics {
  const requests = new Histogram({
    name: "threadline_http_request_duration_seconds",
    help: "HTTP requests by operation and status",
    labelNames: ["operation", "status"] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const captured = new Counter({
    name: "threadline_captured_events_total",
    help: "EPCIS events captured since the start",
    registers: [registry],
  });
  const failed = new Counter({
    name: "threadline_failed_captures_total",
    help: "Capture jobs that did not succeed since the start",
    registers: [registry],
  });
  for (const { name, help, label, count } of COUNTED) {
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [registry],
      async collect() {
        this.reset();
        for (const row of await count(database)) this.set({ [label]: row.label }, Number(row.count));
      },
    });
  }
  return {
    render: () => registry.metrics(),
    contentType: registry.contentType,
    observeRequest: (operation, status, seconds) => requests.observe({ operation, status: String(status) }, seconds),
    observeCapture(newEvents, success) {
      captured.inc(newEvents);
      if (!success) failed.inc();
    },
  };
}

interface Counted {
  name: string;
  help: string;
  label: string;
  count(database: Kysely<Database>): Promise<{ label: string; count: number | string | bigint }[]>;
}

const COUNTED: Counted[] = [
  {
    name: "threadline_ledger_operations",
    help: "Outbox operations by status",
    label: "status",
    count: (database) =>
      database
        .selectFrom("ledger_operations")
        .select((select) => ["status as label", select.fn.countAll().as("count")])
        .groupBy("status")
        .execute(),
  },
  {
    name: "threadline_exceptions",
    help: "Exceptions recorded on the ledger, by code",
    label: "code",
    count: (database) =>
      database
        .selectFrom("chain_exceptions")
        .select((select) => ["code as label", select.fn.countAll().as("count")])
        .groupBy("code")
        .execute(),
  },
  {
    name: "threadline_telemetry_messages",
    help: "Telemetry messages stored, by kind",
    label: "kind",
    count: (database) =>
      database
        .selectFrom("telemetry_messages")
        .select((select) => ["kind as label", select.fn.countAll().as("count")])
        .groupBy("kind")
        .execute(),
  },
  {
    name: "threadline_dead_letters",
    help: "Telemetry payloads refused, by reason",
    label: "reason",
    count: countDeadLetters,
  },
  {
    name: "threadline_dead_letters_without_text",
    help: "Telemetry payloads refused of which only time, reason and digest are kept, by reason",
    label: "reason",
    count: countDeadLettersWithoutText,
  },
  {
    name: "threadline_segments",
    help: "Sealed segments, by state of their proof",
    label: "status",
    count: (database) =>
      database
        .selectFrom("segments")
        .select((select) => ["status as label", select.fn.countAll().as("count")])
        .groupBy("status")
        .execute(),
  },
];
