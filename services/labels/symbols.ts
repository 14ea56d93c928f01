import bwipjs from "bwip-js/node";
import { formatCoiIdentifier, formatElementString, GROUP_SEPARATOR } from "../model/identity/index.ts";
import type { Elements } from "../model/identity/index.ts";
import type { Symbol2D } from "./shapes.ts";

/** GS1 DataMatrix (ISO/IEC 16022, ECC 200): FNC1 first, element string, FNC1 behind values of variable length. */
export function gs1DataMatrix(elements: Elements): Symbol2D {
  return dataMatrix(`^FNC1${formatElementString(elements).replaceAll(GROUP_SEPARATOR, "^FNC1")}`);
}

/** DataMatrix of ISBT 128 data structure 040, for readers of blood and tissue labels. */
export function chainOfIdentityDataMatrix(coi: string): Symbol2D {
  return dataMatrix(formatCoiIdentifier(coi, "data-structure"));
}

function dataMatrix(text: string): Symbol2D {
  const [raw] = bwipjs.raw({ bcid: "datamatrix", text, parsefnc: true });
  if (raw === undefined || !("pixs" in raw)) throw new RangeError("the barcode library made no matrix symbol");
  const { pixs, pixx: columns, pixy } = raw;
  const rows = Array.from({ length: pixy }, (_, row) =>
    pixs.slice(row * columns, (row + 1) * columns).map((module) => module === 1),
  );
  return { rows };
}
