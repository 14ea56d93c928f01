import { loadFonts } from "./fonts.ts";
import { labelDrawing } from "./layout.ts";
import type { LabelPrint } from "./layout.ts";
import { pdfOf } from "./pdf.ts";
import { pngOf, startRasteriser } from "./png.ts";
import { svgOf } from "./svg.ts";

export type { LabelPrint } from "./layout.ts";

/** Files a label can be had as, with their media types. */
export const LABEL_FORMATS = { svg: "image/svg+xml", png: "image/png", pdf: "application/pdf" } as const;

export type LabelFormat = keyof typeof LABEL_FORMATS;

/** Draws labels. A voided one is drawn as such and without symbols, so that no scanner takes it. */
export interface LabelRenderer {
  render(print: LabelPrint, format: LabelFormat): Promise<Uint8Array>;
}

/** Loads typeface and rasteriser; what it answers holds no handle and needs no closing. */
export async function createLabelRenderer(): Promise<LabelRenderer> {
  await startRasteriser();
  const fonts = loadFonts();
  return {
    async render(print, format) {
      const drawing = labelDrawing(print);
      if (format === "pdf") return pdfOf(drawing, fonts, print.printedAtMilliseconds);
      const svg = svgOf(drawing);
      return format === "svg" ? Buffer.from(svg) : pngOf(svg, drawing.width, fonts);
    },
  };
}
