import { inflateSync } from "node:zlib";

export interface PdfPage {
  /** The page's filled rectangles as an SVG of the page, for a rasteriser. */
  svg: string;
  /** Each shown text, as the embedded fonts' own maps spell it. */
  texts: string[];
}

type Matrix = [number, number, number, number, number, number];

/** `inner` first, then `outer`, as the operator cm does. */
function times(inner: Matrix, outer: Matrix): Matrix {
  const [a, b, c, d, e, f] = inner;
  const [A, B, C, D, E, F] = outer;
  return [a * A + b * C, a * B + b * D, c * A + d * C, c * B + d * D, e * A + f * C + E, e * B + f * D + F];
}

/** Reads the one page of a PDF as a viewer does: graphics state, matrices, rectangles, texts. No code of the renderer. */
export function readPdfPage(pdf: Uint8Array): PdfPage {
  const bytes = Buffer.from(pdf);
  const objects = new Map<string, string>();
  for (const match of bytes.toString("latin1").matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj/g)) objects.set(match[1] ?? "", match[2] ?? "");
  const object = (reference: string | undefined) => objects.get(reference ?? "") ?? "";
  const stream = (reference: string | undefined) => {
    const [, body = ""] = /stream\n([\s\S]*)\nendstream/.exec(object(reference)) ?? [];
    return inflateSync(Buffer.from(body, "latin1")).toString("latin1");
  };
  const page = [...objects.values()].find((text) => /\/Type \/Page\n/.test(text)) ?? "";
  const [, width = "", height = ""] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(page) ?? [];
  const resources = object(/\/Resources (\d+)/.exec(page)?.[1]);
  const fonts = new Map<string, Map<string, string>>();
  for (const [, name = "", font] of resources.matchAll(/\/(F\d+) (\d+) 0 R/g))
    fonts.set(name, unicodeMap(stream(/\/ToUnicode (\d+)/.exec(object(font))?.[1])));
  const { rectangles, texts } = interpret(stream(/\/Contents (\d+)/.exec(page)?.[1]), fonts);
  const flipped = `<g transform="matrix(1 0 0 -1 0 ${height})">${rectangles.join("")}</g>`;
  return { svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#fff"/>${flipped}</svg>`, texts };
}

function unicodeMap(text: string): Map<string, string> {
  const map = new Map<string, string>();
  for (const [, from = "", list = ""] of text.matchAll(/<([0-9a-f]{4})> <[0-9a-f]{4}> \[([^\]]*)\]/g))
    [...list.matchAll(/<([0-9a-f]*)>/g)].forEach(([, unit = ""], index) => {
      const glyph = (Number.parseInt(from, 16) + index).toString(16).padStart(4, "0");
      map.set(glyph, String.fromCharCode(...(unit.match(/.{4}/g) ?? []).map((code) => Number.parseInt(code, 16))));
    });
  return map;
}

function interpret(content: string, fonts: Map<string, Map<string, string>>) {
  const rectangles: string[] = [];
  const texts: string[] = [];
  let state = { matrix: [1, 0, 0, 1, 0, 0] as Matrix, fill: "0 0 0", font: "" };
  const stack: (typeof state)[] = [];
  let path: string[] = [];
  for (const line of content.split("\n")) {
    const words = line.trim().split(" ");
    const operator = words.at(-1);
    const numbers = words.slice(0, -1).map(Number);
    if (operator === "q") stack.push({ ...state });
    else if (operator === "Q") state = stack.pop() ?? state;
    else if (operator === "cm") state.matrix = times(numbers as Matrix, state.matrix);
    else if (operator === "scn") state.fill = words.slice(0, 3).join(" ");
    else if (operator === "Tf") state.font = (words[0] ?? "").slice(1);
    else if (operator === "re") {
      const [x, y, width, height] = numbers;
      path.push(`<rect x="${x}" y="${y}" width="${width}" height="${height}" transform="matrix(${state.matrix.join(" ")})"/>`);
    } else if (operator === "f" || operator === "S") {
      const colour = state.fill.split(" ").map((part) => Number(part) * 255).join(",");
      if (operator === "f") rectangles.push(`<g fill="rgb(${colour})" shape-rendering="crispEdges">${path.join("")}</g>`);
      path = [];
    } else if (operator === "TJ") {
      const glyphs = [...line.matchAll(/<([0-9a-f]*)>/g)].flatMap(([, hex = ""]) => hex.match(/.{4}/g) ?? []);
      texts.push(glyphs.map((glyph) => fonts.get(state.font)?.get(glyph) ?? "?").join(""));
    }
  }
  return { rectangles, texts };
}
