import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createDeviceKeys, deviceKeysFromJson, deviceKeysToJson } from "../../device/device-keys.ts";
import { resultsFileSchema, signLaboratoryResults, worksheetSchema } from "../../device/laboratory-results.ts";
import { ThreadlineError } from "../../model/errors.ts";
import { apiClient, networkHome } from "../endpoints.ts";
import { printJson } from "../print.ts";

/** Makes the laboratory's keys where they are to stay, and prints what the operator enrols: public keys only. */
export function makeLaboratoryKey(options: { laboratory: string; owner: string; keys?: string; qualifiedFrom: string; qualifiedUntil: string }): void {
  const file = keyFile(options);
  if (!existsSync(file)) {
    mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
    writeFileSync(file, JSON.stringify(deviceKeysToJson(createDeviceKeys()), null, 2) + "\n", { mode: 0o600, flag: "wx" });
  }
  const keys = loadKeys(options);
  printJson({
    giai: options.laboratory,
    owner: options.owner,
    publicKey: keys.signingKey.publicKey.map(String),
    messageKey: keys.messageKey.publicJwk,
    keyEpoch: 1,
    attestation: "device",
    calibratedFrom: options.qualifiedFrom,
    calibratedUntil: options.qualifiedUntil,
  });
}

/** Signs a file of results with the laboratory's own key; prints the signed record, or posts it. */
export async function signResultsFile(file: string, options: { journey: string; laboratory: string; keys?: string; post?: boolean }): Promise<void> {
  const results = resultsFileSchema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (!results.success) {
    const problems = results.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new ThreadlineError("results-invalid", `${file} holds no results: ${problems.join("; ")}`, { problems });
  }
  const api = apiClient();
  const worksheet = worksheetSchema.parse(await api.must(api.get(`/journeys/${options.journey}/batch-worksheet`)));
  const now = Math.floor(Date.now() / 1000);
  const signed = signLaboratoryResults(worksheet, results.data, options.laboratory, loadKeys(options).signingKey, now);
  if (options.post === true) printJson(await api.must(api.post(`/journeys/${options.journey}/batch-results`, signed)));
  else printJson(signed);
}

function keyFile({ laboratory, keys }: { laboratory: string; keys?: string }): string {
  return keys ?? join(networkHome(), "laboratories", `${encodeURIComponent(laboratory)}.keys.json`);
}

function loadKeys(options: { laboratory: string; keys?: string }) {
  const file = keyFile(options);
  if (!existsSync(file))
    throw new ThreadlineError("laboratory-keys-missing", `no keys of ${options.laboratory} in ${file}; make them with "threadline laboratory key"`, { file });
  return deviceKeysFromJson(JSON.parse(readFileSync(file, "utf8")));
}
