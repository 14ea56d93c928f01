import { apiClient } from "../endpoints.ts";
import { printJson } from "../print.ts";

interface ErasureAnswer {
  journeyId: string;
  erasedAt: string;
  erased: { what: string; count: number }[];
  kept: { what: string; why: string; until: string | null; readers: string[]; parts: { what: string; count: number }[] } | null;
}

/** Erases a subject, and says what was erased, what is kept, why and until when. */
export async function eraseSubject(
  subject: string,
  options: { reason: string; batchExpiry?: string; json?: boolean },
): Promise<void> {
  const client = apiClient();
  const { reason, batchExpiry } = options;
  const answer = await client.must<ErasureAnswer>(
    client.post("/erasures", { subject, reason, ...(batchExpiry === undefined ? {} : { batchExpiry }) }),
  );
  if (options.json === true) return printJson(answer);
  const lines = [
    `Journey ${answer.journeyId}, erased ${answer.erasedAt}`,
    ...answer.erased.map(({ what, count }) => `  erased: ${what} (${count})`),
    answer.kept === null
      ? "  kept: nothing but the commitments on the ledger, which no salt opens any more"
      : `  kept: ${answer.kept.what}, until ${answer.kept.until ?? "30 years after the batch's expiry, which is not on record"} (${answer.kept.why}), for ${answer.kept.readers.join(" and ")}:`,
    ...(answer.kept?.parts ?? []).map(({ what, count }) => `    kept: ${what} (${count})`),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
