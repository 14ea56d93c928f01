import { z } from "zod";
import type { DeviceSigningKey } from "../condition/device-key.ts";
import type { EddsaSignature, Point } from "../condition/eddsa-poseidon.ts";
import { batchResultsSchema, signBatchResults, verifyBatchResults } from "./batch-results.ts";
import type { BatchResults } from "./batch-results.ts";
import { batchContext, certificateHash, certificateOfAnalysis } from "./certificate.ts";
import type { CertificateOfAnalysis } from "./certificate.ts";
import type { Specification } from "./specification.ts";

const decimalNumber = z.string().regex(/^(0|[1-9]\d{0,76})$/, "a decimal number");

/** What a laboratory posts: its record and its EdDSA-Poseidon signature over record, place and certificate. */
export const signedResultsSchema = z.strictObject({
  /** Name of the specification in the journey's flow. */
  specification: z.string().min(1).max(63),
  batch: z.url().max(300),
  /** GIAI of the laboratory's enrolled signing key. */
  laboratory: z.string().min(1).max(30),
  record: batchResultsSchema,
  signature: z.strictObject({ R8: z.tuple([decimalNumber, decimalNumber]), S: decimalNumber }),
});

export type SignedResults = z.output<typeof signedResultsSchema>;

/** Where a record belongs: the ledger's chain and contract, the journey, and the specification's place in its flow. */
export interface ResultsPlace {
  chainId: bigint;
  /** Address of BatchProofs. */
  contract: string;
  journeyId: string;
  specificationNumber: number;
  specification: Specification;
  batch: string;
  laboratory: string;
}

/** Certificate of a record at its place, its hash, and the context the laboratory signs. Throws as `encodeBatchResults` does. */
export function certifiedContext(place: ResultsPlace, record: BatchResults): { certificate: CertificateOfAnalysis; hash: string; context: bigint } {
  const { chainId, contract, journeyId, specificationNumber: specification } = place;
  const certificate = certificateOfAnalysis({ ...place, record });
  const hash = certificateHash(certificate);
  return { certificate, hash, context: batchContext({ chainId, contract, journeyId, specification, certificateHash: hash }) };
}

/** Signs a record as the laboratory does; a failing one is signed like any other. */
export function signResults(place: ResultsPlace, name: string, record: BatchResults, key: Pick<DeviceSigningKey, "privateKey">): SignedResults {
  const { context } = certifiedContext(place, record);
  const { R8, S } = signBatchResults(place.specification, record, context, key.privateKey);
  const signature = { R8: [R8[0].toString(), R8[1].toString()] as [string, string], S: S.toString() };
  return { specification: name, batch: place.batch, laboratory: place.laboratory, record, signature };
}

export function signatureOf({ signature: { R8, S } }: Pick<SignedResults, "signature">): EddsaSignature {
  return { R8: [BigInt(R8[0]), BigInt(R8[1])], S: BigInt(S) };
}

export function verifyResults(place: ResultsPlace, signed: SignedResults, publicKey: Point): boolean {
  const { context } = certifiedContext(place, signed.record);
  return verifyBatchResults(place.specification, signed.record, context, signatureOf(signed), publicKey);
}
