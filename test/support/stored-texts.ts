import { createHash } from "node:crypto";
import { keccak256, toUtf8Bytes } from "ethers";
import { sql } from "kysely";
import type { Kysely } from "kysely";
import type { Database } from "../../services/store/schema.ts";

/** Everything one column of a database holds, as one text. */
export interface StoredColumn {
  table: string;
  column: string;
  text: string;
}

/** Every column of every table, the migrations' own tables included. */
export async function storedColumns(database: Kysely<Database>): Promise<StoredColumn[]> {
  const { rows } = await sql<{ table: string; column: string }>`select columns.table_name as table, column_name as column
    from information_schema.columns join information_schema.tables using (table_schema, table_name)
    where table_schema = 'public' and table_type = 'BASE TABLE'
    order by columns.table_name, ordinal_position`.execute(database);
  const read = async ({ table, column }: { table: string; column: string }): Promise<StoredColumn> => {
    const values = await sql<{ text: string | null }>`select ${sql.ref(column)}::text as text from ${sql.table(table)}`.execute(database);
    return { table, column, text: values.rows.map(({ text }) => text ?? "").join("\n") };
  };
  const columns: StoredColumn[] = [];
  for (const row of rows) columns.push(await read(row));
  return columns;
}

/** A database as one text. */
export async function storedText(database: Kysely<Database>): Promise<string> {
  return (await storedColumns(database)).map(({ text }) => text).join("\n");
}

export interface Finding {
  table: string;
  column: string;
  /** Name of the secret that was found, and how it was written there. */
  secret: string;
  as: string;
}

/** Where any of these texts stands: in clear, encoded, or as a hash without salt. */
export function findingsOf(columns: readonly StoredColumn[], secrets: ReadonlyMap<string, string>): Finding[] {
  const forms = [...secrets].flatMap(([name, value]) => formsOf(value).map(({ as, text }) => ({ name, as, text })));
  return columns.flatMap(({ table, column, text }) => {
    const lower = text.toLowerCase();
    return forms
      .filter((form) => lower.includes(form.text.toLowerCase()) && isWhole(form.text, text))
      .map(({ name, as }) => ({ table, column, secret: name, as }));
  });
}

/** Whether a known value stands in a text. */
export function standsIn(text: string, value: string): boolean {
  return text.includes(value) && isWhole(value, text);
}

/** A number counts when it stands alone, not as a part of a time or of another number. */
function isWhole(value: string, text: string): boolean {
  if (!/^\d+\.\d+$/.test(value)) return true;
  return new RegExp(`(?<![\\d.:])${value.replace(".", "\\.")}(?!\\d)`).test(text);
}

const SHORTEST_TEXT = 4;
/** Shorter ones come up by chance among signatures and keys. */
const SHORTEST_BASE64 = 8;

function formsOf(value: string): { as: string; text: string }[] {
  const bytes = Buffer.from(value, "utf8");
  // Base64 of a text within a longer one begins at any of three places; cut to what does not depend on its neighbours.
  const base64 = [0, 1, 2].map((shift) => Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64url").slice(shift === 0 ? 0 : shift + 1, shift === 0 ? Math.floor(bytes.length / 3) * 4 : -2));
  return [
    { as: "text", text: value },
    { as: "JSON", text: JSON.stringify(value).slice(1, -1) },
    { as: "percent-encoded", text: encodeURIComponent(value) },
    { as: "hexadecimal", text: bytes.toString("hex") },
    ...base64.map((text) => ({ as: "base64", text })),
    { as: "SHA-256", text: createHash("sha256").update(bytes).digest("hex") },
    { as: "Keccak-256", text: keccak256(toUtf8Bytes(value)).slice(2) },
  ].filter(({ as, text }) => text.length >= (as === "base64" ? SHORTEST_BASE64 : SHORTEST_TEXT));
}
