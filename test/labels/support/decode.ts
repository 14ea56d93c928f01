import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Resvg } from "@resvg/resvg-wasm";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import { loadFonts } from "../../../services/labels/fonts.ts";
import { startRasteriser } from "../../../services/labels/png.ts";

prepareZXingModule({
  overrides: { wasmBinary: readFileSync(createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm")).buffer as ArrayBuffer },
});

/**
 * What a scanner would send of every DataMatrix in a PNG, symbology identifier and separators included. Read by a
 * library that has nothing to do with the one that drew it.
 */
export async function decodePng(png: Uint8Array): Promise<string[]> {
  const found = await readBarcodes(new Blob([new Uint8Array(png)]), { formats: ["DataMatrix"], textMode: "Plain", maxNumberOfSymbols: 8 });
  return found.map(({ symbologyIdentifier, bytes }) => symbologyIdentifier + Buffer.from(bytes).toString("latin1"));
}

/** An SVG as pixels, with no fonts of the machine. */
export async function rasterise(svg: string, width = 1200): Promise<Uint8Array> {
  await startRasteriser();
  const { regular, bold } = loadFonts();
  return new Resvg(svg, { fitTo: { mode: "width", value: width }, font: { fontBuffers: [regular, bold] } }).render().asPng();
}
