import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { crc32 } from "node:zlib";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import type { LabelFonts } from "./fonts.ts";
import { FONT_FAMILY } from "./fonts.ts";
import { DOTS_PER_INCH } from "./shapes.ts";

const INCHES_PER_METRE = 39.370_078_74;
const METRE = 1;

/** Signature and header of a PNG: a chunk on the density belongs right behind. */
const HEADER_LENGTH = 33;

let rasteriser: Promise<void> | undefined;

/** The module can be started once per process, whoever asks first. */
export function startRasteriser(): Promise<void> {
  rasteriser ??= readFile(createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm")).then((bytes) =>
    initWasm(bytes),
  );
  return rasteriser;
}

/** One pixel per dot; the file says how large a dot is, so that the label prints in its true size. */
export function pngOf(svg: string, width: number, fonts: LabelFonts): Uint8Array {
  const resvg = new Resvg(svg, {
    fitTo: { mode: "width", value: width },
    font: { fontBuffers: [fonts.regular, fonts.bold], defaultFontFamily: FONT_FAMILY, monospaceFamily: FONT_FAMILY },
  });
  const image = resvg.render();
  const png = image.asPng();
  image.free();
  resvg.free();
  return Buffer.concat([png.subarray(0, HEADER_LENGTH), densityChunk(), png.subarray(HEADER_LENGTH)]);
}

function densityChunk(): Buffer {
  const dotsPerMetre = Math.round(DOTS_PER_INCH * INCHES_PER_METRE);
  const body = Buffer.alloc(13);
  body.write("pHYs", 0, "latin1");
  body.writeUInt32BE(dotsPerMetre, 4);
  body.writeUInt32BE(dotsPerMetre, 8);
  body.writeUInt8(METRE, 12);
  const chunk = Buffer.alloc(21);
  chunk.writeUInt32BE(9, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), 17);
  return chunk;
}
