import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { DeviceSigningKey } from "../model/condition/index.ts";
import { ThreadlineError } from "../model/errors.ts";
import { phaseRecordSchema, RELEASE_STAGES, signResults, specificationSchema, testResultSchema } from "../model/quality/index.ts";
import type { SignedResults } from "../model/quality/index.ts";

/** What the API's worksheet tells a laboratory of a journey. */
export const worksheetSchema = z.looseObject({
  journeyId: z.string(),
  batch: z.string(),
  chainId: z.string(),
  contract: z.string(),
  phases: z.array(phaseRecordSchema),
  specifications: z.array(z.looseObject({ name: z.string(), number: z.int(), documentHash: z.string(), specification: specificationSchema })),
});

export type Worksheet = z.output<typeof worksheetSchema>;

/** A laboratory's results as it writes them down, before they are signed. */
export const resultsFileSchema = z.strictObject({
  specification: z.string(),
  stage: z.enum(RELEASE_STAGES).default("final"),
  results: z.array(testResultSchema),
  /** Unix seconds; now when left out. */
  signedAt: z.int().positive().optional(),
});

export type ResultsFile = z.output<typeof resultsFileSchema>;

/**
 * Signs results for the journey of a worksheet, on the laboratory's own machine. The phases are those of the batch record,
 * which the laboratory confirms by its signature. Throws `specification-unknown` when the flow names none of that name.
 */
export function signLaboratoryResults(
  worksheet: Worksheet,
  file: ResultsFile,
  laboratory: string,
  key: DeviceSigningKey,
  nowSeconds: number,
): SignedResults {
  const found = worksheet.specifications.find(({ name }) => name === file.specification);
  if (found === undefined) {
    const known = worksheet.specifications.map(({ name }) => name).join(", ");
    throw new ThreadlineError("specification-unknown", `the journey's flow names no specification "${file.specification}"; it names ${known || "none"}`);
  }
  const place = {
    chainId: BigInt(worksheet.chainId),
    contract: worksheet.contract,
    journeyId: worksheet.journeyId,
    specificationNumber: found.number,
    specification: found.specification,
    batch: worksheet.batch,
    laboratory,
  };
  const record = {
    specificationHash: found.documentHash,
    stage: file.stage,
    signedAt: file.signedAt ?? nowSeconds,
    salt: randomBytes(31).toString("hex"),
    results: file.results,
    phases: worksheet.phases,
  };
  return signResults(place, file.specification, record, key);
}
