import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { projectRoot } from "../../scripts/build/ensure-built.ts";
import { ThreadlineError } from "../model/errors.ts";
import { createApiClient } from "./api-client.ts";
import type { ApiClient } from "./api-client.ts";

const addressesSchema = z.looseObject({
  participantRegistry: z.string(),
  deviceRegistry: z.string(),
  flowRegistry: z.string(),
  exceptionCatalogue: z.string(),
  exceptionRegister: z.string(),
  custodyLedger: z.string(),
  conditionProofs: z.string(),
  dispositionRegister: z.string(),
  specificationRegistry: z.string(),
  batchProofs: z.string(),
  releaseRegister: z.string(),
});

const endpointsSchema = z.looseObject({
  httpUrl: z.string(),
  mqttUrl: z.string(),
  rpcUrl: z.string(),
  addresses: addressesSchema,
});

export type Endpoints = z.output<typeof endpointsSchema>;

/** Folder of the network this command line works with. */
export function networkHome(): string {
  return process.env["THREADLINE_HOME"] ?? join(projectRoot, ".threadline");
}

/** Where `threadline up` said its parts are. Throws `network-unknown` when it never ran here. */
export function readEndpoints(): Endpoints {
  const file = join(networkHome(), "endpoints.json");
  if (!existsSync(file))
    throw new ThreadlineError("network-unknown", `no network is known in ${networkHome()}; start one with "threadline up", or name it by options`);
  return endpointsSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}

/** Chain and contracts for the commands that trust nothing else: from options, environment, or the local network. */
export function chainOf(options: { rpc?: string | undefined; addresses?: string | undefined }) {
  const rpcUrl = options.rpc ?? process.env["THREADLINE_RPC_URL"];
  if (options.addresses === undefined && rpcUrl === undefined) {
    const { rpcUrl: local, addresses } = readEndpoints();
    return { rpcUrl: local, addresses };
  }
  const addresses =
    options.addresses === undefined
      ? readEndpoints().addresses
      : addressesSchema.parse(JSON.parse(readFileSync(options.addresses, "utf8")));
  return { rpcUrl: rpcUrl ?? readEndpoints().rpcUrl, addresses };
}

/** API client of the operator, or of the holder of THREADLINE_API_KEY. */
export function apiClient(): ApiClient {
  const url = process.env["THREADLINE_API_URL"] ?? readEndpoints().httpUrl;
  return createApiClient(url, apiKey());
}

export function apiKey(): string {
  const given = process.env["THREADLINE_API_KEY"];
  if (given !== undefined) return given;
  const file = join(networkHome(), "secrets.json");
  if (!existsSync(file)) throw new ThreadlineError("api-key-missing", "set THREADLINE_API_KEY to an API key of this network");
  return z.looseObject({ operatorKey: z.string() }).parse(JSON.parse(readFileSync(file, "utf8"))).operatorKey;
}
