import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { directoriesOf, projectRoot } from "../manifest.ts";
import type { Finding } from "./determinism.ts";

const reviewed = z.strictObject({ name: z.string().min(1), reason: z.string().min(20) });
const allowancesSchema = z.record(z.string(), z.strictObject({ signals: z.array(reviewed), mutants: z.array(reviewed) }));

/** Something the audit finds that a person looked at and holds harmless; `*` in the name stands for digits. */
export type Reviewed = z.output<typeof reviewed>;
export type Allowances = z.output<typeof allowancesSchema>[string];

/** circuits/allowances.json: the only way past the audit, a reason for every entry. */
export function readAllowances(circuit: string, root: string = projectRoot): Allowances {
  const all = allowancesSchema.parse(JSON.parse(readFileSync(join(directoriesOf(root).circuitsDirectory, "allowances.json"), "utf8")));
  return all[circuit] ?? { signals: [], mutants: [] };
}

/** `input main.stepIsHigh[*]`: what an entry for a finding is called. */
export function nameOfFinding({ kind, signal }: Finding): string {
  return `${kind} ${signal}`;
}

/** What no entry covers, and the entries that cover nothing any more. */
export function reviewAgainst(found: readonly string[], entries: readonly Reviewed[]): { unreviewed: string[]; stale: string[] } {
  const patterns = entries.map(({ name }) => new RegExp(`^${name.split("*").map(literal).join("\\d+")}$`));
  return {
    unreviewed: found.filter((name) => !patterns.some((pattern) => pattern.test(name))),
    stale: entries.flatMap(({ name }, place) => (found.some((other) => patterns[place]?.test(other)) ? [] : [name])),
  };
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
