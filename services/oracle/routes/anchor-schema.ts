import { z } from "zod";
import type { AnchorView } from "../audit/anchoring.ts";
import { momentText, rfc3339 } from "../schemas/common.ts";

/** How an audit trail stands to its last anchor on the ledger. */
export const anchorSchema = z.strictObject({
  state: z.enum(["agrees", "cut", "rewritten", "none", "unreadable"]).meta({
    description: "cut: shorter now than it was anchored; rewritten: its entry of that number is another; unreadable: the ledger does not answer",
  }),
  entries: z.int(),
  anchoredAt: momentText.nullable(),
});

export function anchorAnswer({ anchoredAt, ...view }: AnchorView): z.output<typeof anchorSchema> {
  return { ...view, anchoredAt: anchoredAt === null ? null : rfc3339(anchoredAt) };
}
