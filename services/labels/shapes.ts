/** Dots per inch of a label printer; every measure of a drawing is in these dots, so that modules meet its grid. */
export const DOTS_PER_INCH = 300;

/** What a label is drawn of. Coordinates in dots from the top left corner, `y` downwards; text stands on its baseline. */
export type Shape =
  | { kind: "rectangle"; x: number; y: number; width: number; height: number }
  | { kind: "frame"; x: number; y: number; width: number; height: number; lineWidth: number }
  | { kind: "text"; x: number; baseline: number; size: number; bold: boolean; white: boolean; text: string }
  | { kind: "symbol"; x: number; y: number; symbol: Symbol2D; moduleSize: number };

/** A two-dimensional symbol: rows of modules, true is dark. */
export interface Symbol2D {
  rows: boolean[][];
}

export interface Drawing {
  width: number;
  height: number;
  shapes: Shape[];
}

/** A dark rectangle of a symbol, in modules: neighbours in a row are one. */
export interface Run {
  row: number;
  column: number;
  length: number;
}

export function darkRuns(symbol: Symbol2D): Run[] {
  return symbol.rows.flatMap((modules, row) => {
    const runs: Run[] = [];
    modules.forEach((dark, column) => {
      const last = runs.at(-1);
      if (!dark) return;
      if (last !== undefined && last.column + last.length === column) last.length += 1;
      else runs.push({ row, column, length: 1 });
    });
    return runs;
  });
}

/** Width of a text in DejaVu Sans Mono, dots: every character is 1233 of 2048 units wide. */
export function textWidth(text: string, size: number): number {
  return ([...text].length * size * 1233) / 2048;
}
