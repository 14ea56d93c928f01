import { checkCharacter } from "./check-character.ts";
import { formatCoiIdentifier, formatDonationIdentificationNumber } from "./isbt128.ts";
import type { LabelContent } from "./label-content.ts";
import { AUTOLOGOUS_STATEMENT, LABEL_STATEMENTS } from "./label-statements.ts";

/** One line people read. `boxed` is a check character, printed in a box behind the text (ISBT 128 ST-001). */
export interface LabelLine {
  title: string;
  text: string;
  boxed?: string;
}

export interface LabelText {
  heading: string;
  product: string;
  lines: LabelLine[];
  storage: string;
  statements: string[];
  version: string;
}

/** Eye-readable text of a label, in the order it stands there. */
export function labelText(content: LabelContent): LabelText {
  const { donationIdentificationNumber: din, chainOfIdentity: coi, container, lot } = content;
  const lines: LabelLine[] = [{ title: "CHAIN OF IDENTITY", ...boxedForm(formatCoiIdentifier(coi, "eye-readable"), checkCharacter(coi)) }];
  if (din !== null)
    lines.push({
      title: "DONATION",
      ...boxedForm(formatDonationIdentificationNumber(din, "eye-readable"), checkCharacter(din)),
    });
  lines.push({ title: "GTIN (01)", text: container.gtin }, { title: "SERIAL (21)", text: container.serial });
  if (lot !== null) lines.push({ title: "LOT (10)", text: lot });
  const expiry = expiryLine(content.expiry);
  if (expiry !== null) lines.push(expiry);
  return {
    heading: AUTOLOGOUS_STATEMENT,
    product: content.productName,
    lines,
    storage: storageText(content.storageTemperature),
    statements: content.statements.map((statement) => LABEL_STATEMENTS[statement]),
    version: `LABEL VERSION ${content.version}`,
  };
}

/** Takes the check character, which the formatters write last, off into its box. */
function boxedForm(eyeReadable: string, character: string): { text: string; boxed: string } {
  return { text: eyeReadable.slice(0, -character.length).trimEnd(), boxed: character };
}

function expiryLine(expiry: LabelContent["expiry"]): LabelLine | null {
  if (expiry === null) return null;
  if ("date" in expiry) return { title: "EXPIRY (17)", text: expiry.date };
  const offset = expiry.moment.slice(16);
  const clock = expiry.moment.slice(0, 16).replace("T", " ");
  return { title: "EXPIRY (7003)", text: `${clock} UTC${offset === "Z" ? "" : offset}` };
}

function storageText({ minimumCelsius, maximumCelsius }: LabelContent["storageTemperature"]): string {
  const written = (celsius: number) => `${String(celsius).replace("-", "\u2212")} °C`;
  return `STORE AT ${written(minimumCelsius)} TO ${written(maximumCelsius)}`;
}
