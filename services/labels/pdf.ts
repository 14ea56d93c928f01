import PDFDocument from "pdfkit";
import type { LabelFonts } from "./fonts.ts";
import { darkRuns, DOTS_PER_INCH } from "./shapes.ts";
import type { Drawing, Shape } from "./shapes.ts";

const POINTS_PER_INCH = 72;

/** The drawing as a page of the label's true size, its typeface embedded; the same label gives the same bytes. */
export async function pdfOf(drawing: Drawing, fonts: LabelFonts, printedAtMilliseconds: number): Promise<Uint8Array> {
  const scale = POINTS_PER_INCH / DOTS_PER_INCH;
  const printedAt = new Date(printedAtMilliseconds);
  const document = new PDFDocument({
    size: [drawing.width * scale, drawing.height * scale],
    margin: 0,
    // Without a font of our own pdfkit would load one of its own that is not embedded.
    font: fonts.regular as unknown as string,
    info: { Title: "Container label", Producer: "Threadline", Creator: "Threadline", CreationDate: printedAt, ModDate: printedAt },
  });
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    document.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", resolve).on("error", reject);
  });
  document.registerFont("regular", fonts.regular).registerFont("bold", fonts.bold);
  document.scale(scale);
  for (const shape of drawing.shapes) draw(document, shape);
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

function draw(document: PDFKit.PDFDocument, shape: Shape): void {
  if (shape.kind === "rectangle") {
    document.rect(shape.x, shape.y, shape.width, shape.height).fill("#000");
  } else if (shape.kind === "frame") {
    document.lineWidth(shape.lineWidth).rect(shape.x, shape.y, shape.width, shape.height).stroke("#000");
  } else if (shape.kind === "symbol") {
    const { x, y, symbol, moduleSize: size } = shape;
    for (const run of darkRuns(symbol)) document.rect(x + run.column * size, y + run.row * size, run.length * size, size);
    document.fill("#000");
  } else {
    document.font(shape.bold ? "bold" : "regular").fontSize(shape.size).fillColor(shape.white ? "#fff" : "#000");
    document.text(shape.text, shape.x, shape.baseline, { lineBreak: false, baseline: "alphabetic" });
  }
}
