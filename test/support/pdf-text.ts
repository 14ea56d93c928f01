import { inflateSync } from "node:zlib";

/** The text a PDF of pdfkit shows: its content streams inflated, their hexadecimal strings decoded, in order. */
export function pdfText(pdf: Buffer): string {
  const source = pdf.toString("latin1");
  let text = "";
  for (const match of source.matchAll(/\/Filter \/FlateDecode\n>>\nstream\n/g)) {
    const start = match.index + match[0].length;
    const end = source.indexOf("\nendstream", start);
    const content = inflateSync(pdf.subarray(start, end)).toString("latin1");
    for (const array of content.matchAll(/\[([^\]]*)\] TJ/g)) {
      const strings = [...(array[1] ?? "").matchAll(/<([0-9a-f]*)>/g)].map(([, hex]) => Buffer.from(hex ?? "", "hex").toString("latin1"));
      text += `${strings.join("")}\n`;
    }
  }
  return text;
}
