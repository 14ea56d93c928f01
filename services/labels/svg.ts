import { darkRuns, DOTS_PER_INCH, textWidth } from "./shapes.ts";
import type { Drawing, Shape } from "./shapes.ts";
import { FONT_FAMILY } from "./fonts.ts";

const MILLIMETRES_PER_INCH = 25.4;

/** The drawing as one SVG document in the label's true size; `textLength` keeps the layout under another typeface. */
export function svgOf({ width, height, shapes }: Drawing): string {
  const millimetres = (dots: number) => ((dots * MILLIMETRES_PER_INCH) / DOTS_PER_INCH).toFixed(2);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${millimetres(width)}mm" height="${millimetres(height)}mm" viewBox="0 0 ${width} ${height}">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...shapes.map(element),
    "</svg>\n",
  ].join("\n");
}

function element(shape: Shape): string {
  if (shape.kind === "rectangle")
    return `<rect x="${shape.x}" y="${shape.y}" width="${shape.width}" height="${shape.height}" fill="#000"/>`;
  if (shape.kind === "frame")
    return `<rect x="${shape.x}" y="${shape.y}" width="${shape.width}" height="${shape.height}" fill="none" stroke="#000" stroke-width="${shape.lineWidth}"/>`;
  if (shape.kind === "symbol") return `<path shape-rendering="crispEdges" fill="#000" d="${symbolPath(shape)}"/>`;
  const { x, baseline, size, bold, white, text } = shape;
  const font = `font-family="${FONT_FAMILY}, monospace" font-size="${size}"${bold ? ' font-weight="bold"' : ""}`;
  const length = textWidth(text, size).toFixed(1);
  return `<text xml:space="preserve" x="${x}" y="${baseline}" ${font} fill="${white ? "#fff" : "#000"}" textLength="${length}" lengthAdjust="spacingAndGlyphs">${escaped(text)}</text>`;
}

function symbolPath({ x, y, symbol, moduleSize: size }: Extract<Shape, { kind: "symbol" }>): string {
  return darkRuns(symbol)
    .map((run) => `M${x + run.column * size} ${y + run.row * size}h${run.length * size}v${size}h-${run.length * size}z`)
    .join("");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
