import { getBytes } from "ethers";
import { eventCommitment } from "../../model/privacy/index.ts";
import type { StatementOf } from "../../model/signing/index.ts";
import { openEvents, SEALED_EVENT_COLUMNS } from "../../store/vault/index.ts";
import { decide } from "../capture/decide.ts";
import { KnownFacts } from "../capture/known-facts.ts";
import { loadFacts } from "../capture/load-facts.ts";
import type { PreparedEvent } from "../capture/prepare.ts";
import type { ParticipantCaller } from "../http/caller.ts";
import { Problem, problem } from "../http/problem.ts";
import type { OracleParts } from "../oracle-parts.ts";

/** One event of a document as it is to be signed, or as it was captured before. */
export interface CustodyStatement {
  event: PreparedEvent;
  statement: StatementOf<"custody-event">;
  /** 32 bytes, hexadecimal. */
  salt: string;
  /** Where a capture of before stands on its way to the ledger; null for an event that is new. */
  captured: "pending" | "submitted" | "recorded" | "refused" | null;
}

/**
 * What a participant signs to capture these events of a journey: each commitment under the participant's own salt, and
 * the next places in the journey. An event captured before keeps its salt, and gets another place when the ledger
 * refused it. Throws a problem for an event that is not this journey's or would be refused.
 */
export async function custodyStatements(
  parts: OracleParts,
  { participantId }: ParticipantCaller,
  journeyId: string,
  events: readonly PreparedEvent[],
  salts: readonly string[],
): Promise<CustodyStatement[]> {
  if (salts.length !== events.length)
    throw problem(400, "salts-do-not-match", `the document has ${events.length} events, and ${salts.length} salts were given: one each, 32 random bytes`);
  const facts = new KnownFacts(await loadFacts(parts.database, events));
  let next = await nextSequence(parts, journeyId);
  const statements: CustodyStatement[] = [];
  for (const [index, event] of events.entries()) {
    const decision = decide(facts, event, participantId);
    if (decision.kind === "refused") throw new Problem({ ...decision.error });
    if (decision.kind === "known") {
      const known = await capturedBefore(parts, participantId, journeyId, event);
      if (known.captured === "refused") known.statement.message.sequence = next++;
      statements.push(known);
      continue;
    }
    if (decision.journeyId !== journeyId)
      throw problem(409, "another-journey", `event ${index} belongs to ${decision.journeyId === null ? "no journey" : "another journey"}; name this one's Chain of Identity`, {
        eventIndex: index,
      });
    const salt = salts[index] ?? "";
    const commitment = eventCommitment(event.hashBytes, event, getBytes(salt));
    statements.push({ event, salt, captured: null, statement: statementOf(journeyId, { commitment, step: decision.step ?? 0, event, sequence: next++ }) });
  }
  return statements;
}

/** The next free place: what the ledger has and what is on its way there. */
async function nextSequence({ database }: OracleParts, journeyId: string): Promise<number> {
  const journey = await database.selectFrom("chain_journeys").select("event_count").where("journey_id", "=", journeyId).executeTakeFirst();
  if (journey === undefined) throw problem(409, "not-recorded-yet", "the journey is not on the ledger yet; ask again once it is recorded");
  const { waiting } = await database
    .selectFrom("ledger_operations")
    .select((select) => select.fn.countAll<number>().as("waiting"))
    .where("journey_id", "=", journeyId)
    .where("kind", "=", "custody-event")
    .where("status", "in", ["pending", "submitted"])
    .executeTakeFirstOrThrow();
  return journey.event_count + Number(waiting);
}

async function capturedBefore({ database }: OracleParts, participantId: string, journeyId: string, event: PreparedEvent): Promise<CustodyStatement> {
  const rows = await database
    .selectFrom("events")
    .select([...SEALED_EVENT_COLUMNS, "captured_by", "commitment", "step"])
    .where("journey_id", "=", journeyId)
    .where("captured_by", "=", participantId)
    .where("is_error_declaration", "=", event.isErrorDeclaration)
    .execute();
  const row = (await openEvents(database, rows)).find((candidate) => candidate.eventHash === event.hash);
  if (row === undefined || row.commitment === null || row.salt === null || row.step === null)
    throw problem(409, "captured-by-another", `event ${event.index} was captured before, in another journey or by another participant`);
  const operation = await database
    .selectFrom("ledger_operations")
    .select(["status", "payload"])
    .where("idempotency_key", "=", `custody-event:${row.commitment}`)
    .executeTakeFirst();
  const own = operation === undefined ? null : ((JSON.parse(operation.payload) as { own?: { sequence: number } | null }).own ?? null);
  const { commitment, step, salt } = row;
  const statement = statementOf(journeyId, { commitment, step, event, sequence: own?.sequence ?? 0 });
  return { event, salt, statement, captured: operation?.status ?? "recorded" };
}

function statementOf(
  journeyId: string,
  { commitment, sequence, step, event }: { commitment: string; sequence: number; step: number; event: PreparedEvent },
): StatementOf<"custody-event"> {
  const occurredAt = Math.floor(event.eventTimeMilliseconds / 1000);
  return { act: "custody-event", message: { journeyId, commitment, sequence, step, occurredAt } };
}
