import type { Sources } from "../audit/workspace.ts";

export interface SourceMutant {
  /** `lib/range.circom:17 <== becomes <-- : decomposition.in <== value;` */
  name: string;
  file: string;
  text: string;
}

interface Edit {
  title: string;
  apply(line: string): string | null;
}

/** Edits of one line; null where there is nothing to edit. */
const EDITS: Edit[] = [
  { title: "constraint becomes assignment", apply: (line) => (line.includes("<==") ? line.replace("<==", "<--") : null) },
  { title: "=== removed", apply: (line) => (line.includes("===") ? line.replace(/\S.*===.*;/, "") : null) },
  { title: "range 8 bits wider", apply: (line) => replaced(line, /\b(AssertBits|AssertAtMost|WindowedLessThan|Num2Bits)\(([^()]+)\)/, "$1($2 + 8)") },
  { title: "range 1 bit narrower", apply: (line) => replaced(line, /\b(AssertBits|AssertAtMost|WindowedLessThan|Num2Bits)\(([^()]+)\)/, "$1($2 - 1)") },
  { title: "bit check removed", apply: (line) => replaced(line, /(\bis[A-Z]\w*(?:\[\w+\])?|\w*(?:[rR]ange|[wW]ithin|[oO]rder|[dD]ifference)\w*(?:\[\w+\])?)\.value <== .*;/, "$1.value <== 0;") },
  { title: "packed one bit lower", apply: (line) => replaced(line, /\(1 << (\d+)\)/, (_whole, bits: string) => `(1 << ${Number(bits) - 1})`) },
  { title: "+ becomes -", apply: (line) => (/(<==|=).* \+ /.test(line) && !line.includes("for (") ? line.replace(" + ", " - ") : null) },
];

function replaced(line: string, pattern: RegExp, by: string | ((whole: string, part: string) => string)): string | null {
  const edited = typeof by === "string" ? line.replace(pattern, by) : line.replace(pattern, by);
  return edited === line ? null : edited;
}

/** Every edit of every line of the sources an entry includes, circomlib apart, and operands swapped where a comparison takes two. */
export function sourceMutants(sources: Sources, entry: string): SourceMutant[] {
  const mutants: SourceMutant[] = [];
  for (const file of includedFrom(sources, entry)) {
    const lines = (sources.get(file) ?? "").split("\n");
    const add = (index: number, title: string, changed: string[]): void =>
      void mutants.push({ name: `${file}:${index + 1} ${title}: ${(lines[index] ?? "").trim()}`, file, text: changed.join("\n") });
    lines.forEach((line, index) => {
      const code = line.replace(/\/\/.*$/, "");
      if (/^\s*(include|pragma|template|signal (input|output) |assert)/.test(code)) return;
      for (const { title, apply } of EDITS) {
        const edited = apply(code);
        if (edited !== null) add(index, title, lines.with(index, edited));
      }
      const left = /^(\s*)(\S+)\.left <== (.*);$/.exec(code);
      const right = /^(\s*)(\S+)\.right <== (.*);$/.exec(lines[index + 1] ?? "");
      if (left && right && left[2] === right[2])
        add(index, "operands swapped", lines.with(index, `${left[1]}${left[2]}.left <== ${right[3]};`).with(index + 1, `${left[1]}${left[2]}.right <== ${left[3]};`));
    });
  }
  return mutants;
}

/** The project's own files an entry includes, the entry left out: it holds no constraint. */
export function includedFrom(sources: Sources, entry: string): string[] {
  const found = new Set<string>();
  const visit = (file: string): void => {
    for (const [, path = ""] of (sources.get(file) ?? "").matchAll(/^include "([^"]+)";/gm)) {
      const included = new URL(path, `file:///${file}`).pathname.slice(1);
      if (!sources.has(included) || found.has(included)) continue;
      found.add(included);
      visit(included);
    }
  };
  visit(entry);
  return [...found].sort();
}
