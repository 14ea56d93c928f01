import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** The one typeface of labels: fixed pitch, so that the layout knows every width, and free to embed. */
export const FONT_FAMILY = "DejaVu Sans Mono";

export interface LabelFonts {
  regular: Buffer;
  bold: Buffer;
}

/** The typeface comes with the package; fonts of the machine are never looked at. */
export function loadFonts(): LabelFonts {
  const { resolve } = createRequire(import.meta.url);
  return {
    regular: readFileSync(resolve("dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf")),
    bold: readFileSync(resolve("dejavu-fonts-ttf/ttf/DejaVuSansMono-Bold.ttf")),
  };
}
