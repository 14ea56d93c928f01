import { readArtifact } from "../../scripts/deploy/artifacts.ts";
import type { ContractName } from "../../scripts/deploy/artifacts.ts";
import { buildArchive } from "../verification/archive/build-archive.ts";
import type { Archive } from "../verification/archive/build-archive.ts";

/** The archive of a journey with the ABIs of this build's contracts. */
export function archiveOf(source: {
  rpcUrl: string;
  addresses: Record<string, string>;
  journeyId: string;
  disclosure: unknown;
}): Promise<Archive> {
  const names = Object.keys(source.addresses).map((key) => `${key.charAt(0).toUpperCase()}${key.slice(1)}`);
  const contractInterfaces = Object.fromEntries(
    names.flatMap((name) => {
      const abi = interfaceOf(name);
      return abi === null ? [] : [[name, abi]];
    }),
  );
  return buildArchive({ ...source, contractInterfaces, softwareVersion: "0.1.0", exportedAt: new Date() });
}

/** Null for an address that goes by another name than its contract, such as a verifier's. */
function interfaceOf(name: string): unknown {
  try {
    return readArtifact(name as ContractName).abi;
  } catch {
    return null;
  }
}
