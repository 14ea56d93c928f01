import { labelElements, labelText } from "../model/identity/index.ts";
import type { LabelContent, LabelLine } from "../model/identity/index.ts";
import { textWidth } from "./shapes.ts";
import type { Drawing, Shape } from "./shapes.ts";
import { chainOfIdentityDataMatrix, gs1DataMatrix } from "./symbols.ts";

/** What is drawn: the content, and whether the label was voided, so that a copy of it can never be put on a bag. */
export interface LabelPrint {
  content: LabelContent;
  voided: boolean;
  /** Unix milliseconds. */
  printedAtMilliseconds: number;
}

const WIDTH = 1200;
const HEIGHT = 800;
const MARGIN = 30;
const HEADING_HEIGHT = 92;
const VALUES_LEFT = 250;
const SYMBOLS_LEFT = 930;
const TEXT_WIDTH = SYMBOLS_LEFT - 2 * MARGIN;

/** 6 dots are 0.508 mm: within GS1's 0.254 mm to 0.615 mm for regulated healthcare items. */
const MODULE_SIZE = 6;

const VOID_HEADING = "VOID - DO NOT USE";

/** Lays a label out, 101.6 mm wide and 67.7 mm high. Text left, symbols right with more than their quiet zone. */
export function labelDrawing({ content, voided }: LabelPrint): Drawing {
  const text = labelText(content);
  const shapes: Shape[] = [
    { kind: "rectangle", x: 0, y: 0, width: WIDTH, height: HEADING_HEIGHT },
    written(voided ? VOID_HEADING : text.heading, 68, { size: 56, width: WIDTH - 2 * MARGIN, bold: true, white: true }),
    written(text.product, 146, { size: 38, bold: true }),
  ];
  let baseline = 212;
  for (const line of text.lines) {
    shapes.push(...lineShapes(line, baseline));
    baseline += line.boxed === undefined ? 44 : 58;
  }
  baseline += 16;
  shapes.push(written(text.storage, baseline, { size: 34, bold: true }));
  for (const statement of text.statements) {
    baseline += 36;
    shapes.push(written(statement, baseline, { size: 24, bold: false }));
  }
  shapes.push(written(text.version, HEIGHT - 24, { size: 24, bold: true }));
  return { width: WIDTH, height: HEIGHT, shapes: [...shapes, ...(voided ? voidShapes() : symbolShapes(content))] };
}

interface Style {
  size: number;
  bold: boolean;
  white?: boolean;
  x?: number;
  width?: number;
}

/** A text, smaller when it would not fit its width. */
function written(text: string, baseline: number, style: Style): Shape {
  const { x = MARGIN, width = TEXT_WIDTH, white = false, bold } = style;
  const size = Math.min(style.size, Math.floor((style.size * width) / textWidth(text, style.size)));
  return { kind: "text", x, baseline, size, bold, white, text };
}

function lineShapes(line: LabelLine, baseline: number): Shape[] {
  const width = TEXT_WIDTH + MARGIN - VALUES_LEFT;
  const size = line.boxed === undefined ? 32 : 42;
  const shapes = [
    written(line.title, baseline, { size: 20, bold: false }),
    written(line.text, baseline, { size, bold: true, x: VALUES_LEFT, width }),
  ];
  if (line.boxed === undefined) return shapes;
  const boxLeft = Math.ceil(VALUES_LEFT + textWidth(`${line.text} `, size));
  const boxWidth = Math.ceil(textWidth(line.boxed, size)) + 16;
  return [
    ...shapes,
    { kind: "frame", x: boxLeft, y: baseline - 40, width: boxWidth, height: 50, lineWidth: 3 },
    written(line.boxed, baseline, { size, bold: true, x: boxLeft + 8, width: boxWidth }),
  ];
}

function symbolShapes(content: LabelContent): Shape[] {
  const product = gs1DataMatrix(labelElements(content));
  const identity = chainOfIdentityDataMatrix(content.chainOfIdentity);
  const productTop = 130;
  const identityTop = 540;
  return [
    { kind: "symbol", x: SYMBOLS_LEFT, y: productTop, symbol: product, moduleSize: MODULE_SIZE },
    caption("GS1 (01)(21)(90)", productTop + product.rows.length * MODULE_SIZE),
    { kind: "symbol", x: SYMBOLS_LEFT, y: identityTop, symbol: identity, moduleSize: MODULE_SIZE },
    caption("CHAIN OF IDENTITY", identityTop + identity.rows.length * MODULE_SIZE),
  ];
}

function caption(text: string, symbolBottom: number): Shape {
  return written(text, symbolBottom + 44, { size: 20, bold: false, x: SYMBOLS_LEFT, width: WIDTH - SYMBOLS_LEFT - MARGIN });
}

function voidShapes(): Shape[] {
  return [
    { kind: "frame", x: SYMBOLS_LEFT, y: 150, width: 240, height: 240, lineWidth: 12 },
    written("VOID", 304, { size: 88, bold: true, x: SYMBOLS_LEFT + 20, width: 200 }),
  ];
}
