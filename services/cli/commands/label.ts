import { writeFileSync } from "node:fs";
import { extname } from "node:path";
import { LABEL_FORMATS } from "../../labels/index.ts";
import { ThreadlineError } from "../../model/errors.ts";
import type { ApiClient } from "../api-client.ts";
import { apiClient } from "../endpoints.ts";
import { printJson } from "../print.ts";

export interface LabelOptions {
  out: string;
  /** A label printed before, to be fetched again. */
  label?: string;
  epc?: string;
  product?: string;
  storage?: string;
  lot?: string;
  expires?: string;
  donation?: string;
  statement?: string[];
  reason?: string;
}

interface Label {
  labelId: string;
  version: number;
}

/** Prints the label of a container through the API, or fetches one printed before, and writes it to a file. */
export async function label(journeyId: string, options: LabelOptions): Promise<void> {
  const format = extname(options.out).slice(1).toLowerCase();
  if (!Object.hasOwn(LABEL_FORMATS, format))
    throw new ThreadlineError("label-format-unknown", `a label is written as ${Object.keys(LABEL_FORMATS).join(", ")}, not as "${options.out}"`);
  const api = apiClient();
  const printed = options.label === undefined ? await print(api, journeyId, options) : null;
  const labelId = printed?.label.labelId ?? options.label;
  writeFileSync(options.out, await api.download(`/journeys/${journeyId}/labels/${labelId}.${format}`));
  printJson({ ...printed, labelId, file: options.out });
}

function print(api: ApiClient, journeyId: string, options: LabelOptions): Promise<{ label: Label; replaces: string | null }> {
  const { epc, product, storage } = options;
  if (epc === undefined || product === undefined || storage === undefined)
    throw new ThreadlineError("label-incomplete", "a label needs --epc, --product and --storage; or name one printed before with --label");
  const body = {
    container: epc,
    productName: product,
    storageProfile: storage,
    ...(options.lot === undefined ? {} : { lot: options.lot }),
    ...(options.expires === undefined ? {} : { expiry: expiryOf(options.expires) }),
    ...(options.donation === undefined ? {} : { donationIdentificationNumber: options.donation }),
    ...(options.statement === undefined ? {} : { statements: options.statement }),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  };
  return api.must(api.post(`/journeys/${journeyId}/labels`, body));
}

function expiryOf(text: string): { date: string } | { moment: string } {
  return text.includes("T") ? { moment: text } : { date: text };
}
