import PDFDocument from "pdfkit";
import type { CertificateOfAnalysis } from "../../model/quality/index.ts";

const MARGIN = 50;
const WIDTHS = [165, 150, 120, 60];
const LINE_GAP = 4;

/**
 * The certificate as a PDF for people (A4), from the very object whose hash the ledger knows, hash included. pdfkit
 * because it writes PDF without a browser or anything to install.
 */
export function certificatePdf(certificate: CertificateOfAnalysis, hash: string): Promise<Buffer> {
  const date = new Date(certificate.signedAt);
  const document = new PDFDocument({ size: "A4", margin: MARGIN, info: { Title: "Certificate of analysis", CreationDate: date, ModDate: date } });
  const chunks: Buffer[] = [];
  const finished = new Promise<Buffer>((resolve, reject) => {
    document.on("data", (chunk: Buffer) => chunks.push(chunk));
    document.on("end", () => resolve(Buffer.concat(chunks)));
    document.on("error", reject);
  });
  const { specification } = certificate;
  document.font("Helvetica-Bold").fontSize(18).text("Certificate of analysis").moveDown(0.5);
  facts(document, [
    ["Batch", certificate.batch],
    ["Specification", `${specification.name} version ${specification.version}`],
    ["Specification document", specification.documentHash],
    ["Stage", certificate.stage],
    ["Laboratory key", certificate.laboratory],
    ["Signed at", certificate.signedAt],
    ["Journey", certificate.journeyId],
  ]);
  heading(document, "Release tests");
  row(document, ["Test", "Acceptance criterion", "Result", "Verdict"], "Helvetica-Bold");
  for (const test of certificate.tests) row(document, [test.title, test.criterion, test.result, test.verdict]);
  heading(document, "Phases");
  row(document, ["Phase", "Started", "Completed", ""], "Helvetica-Bold");
  for (const phase of certificate.phases) row(document, [phase.title, phase.startedAt ?? "missing", phase.completedAt ?? "missing", ""]);
  heading(document, `Conclusion: ${certificate.conclusion}`);
  facts(document, [
    ["Certificate hash", hash],
    ["Salt", certificate.salt],
  ]);
  document.moveDown().font("Helvetica").fontSize(8);
  document.text("The hash is the Keccak-256 of the certificate's canonical JSON (RFC 8785); the ledger holds it beside the batch proof.", MARGIN);
  document.end();
  return finished;
}

function heading(document: PDFKit.PDFDocument, text: string): void {
  document.moveDown().font("Helvetica-Bold").fontSize(12).text(text, MARGIN).moveDown(0.3);
}

function facts(document: PDFKit.PDFDocument, pairs: [string, string][]): void {
  for (const [name, value] of pairs) {
    document.font("Helvetica-Bold").fontSize(9).text(`${name}: `, MARGIN, document.y, { continued: true });
    document.font("Helvetica").text(value);
  }
}

/** One row of a table; as high as its highest cell, on a new page when this one is full. */
function row(document: PDFKit.PDFDocument, cells: string[], font = "Helvetica"): void {
  document.font(font).fontSize(9);
  const height = Math.max(...cells.map((cell, place) => document.heightOfString(cell, { width: WIDTHS[place] ?? 0 })));
  if (document.y + height > document.page.height - MARGIN) document.addPage();
  const top = document.y;
  let left = MARGIN;
  cells.forEach((cell, place) => {
    const width = WIDTHS[place] ?? 0;
    document.text(cell, left, top, { width: width - LINE_GAP });
    left += width;
  });
  document.y = top + height + LINE_GAP;
}
