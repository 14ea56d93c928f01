import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Database } from "./schema.ts";

interface ByReason {
  label: string;
  count: number | string;
}

/** Refused messages by reason, with those that only the sums know of. */
export async function countDeadLetters(database: Kysely<Database>): Promise<ByReason[]> {
  const { rows } = await sql<ByReason>`
    select reason as label, sum(letters) as count from (
      select reason, count(*) as letters from dead_letters group by reason
      union all select reason, letters from dead_letter_sums
    ) as counted group by reason`.execute(database);
  return rows;
}

/** Those of them whose text is gone: dropped for want of room, or erased. */
export async function countDeadLettersWithoutText(database: Kysely<Database>): Promise<ByReason[]> {
  const { rows } = await sql<ByReason>`
    select reason as label, sum(letters) as count from (
      select reason, count(*) as letters from dead_letters where sealed_letter is null group by reason
      union all select reason, letters from dead_letter_sums
    ) as counted group by reason`.execute(database);
  return rows;
}
