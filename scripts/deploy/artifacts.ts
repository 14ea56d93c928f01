import { existsSync, readFileSync } from "node:fs";
import type { InterfaceAbi } from "ethers";
import { ThreadlineError } from "../../services/model/errors.ts";

/** Folder of each contract under `contracts/`. */
const CONTRACT_FOLDERS = {
  ParticipantRegistry: "consortium",
  DeviceRegistry: "consortium",
  EquipmentRegistry: "consortium",
  FlowRegistry: "policy",
  ExceptionCatalogue: "policy",
  ExceptionRegister: "custody",
  CustodyLedger: "custody",
  ConditionProofs: "compliance",
  DispositionRegister: "compliance",
  SpecificationRegistry: "policy",
  BatchProofs: "compliance",
  IdentityChecks: "custody",
  ReleaseRegister: "compliance",
  AccessGrants: "privacy",
  AuditAnchors: "privacy",
  ConditionSegmentDevVerifier: "verifiers/generated",
  IdentityLinkDevVerifier: "verifiers/generated",
  BatchReleaseDevVerifier: "verifiers/generated",
} as const;

export type ContractName = keyof typeof CONTRACT_FOLDERS;

export interface ContractArtifact {
  contractName: string;
  abi: Exclude<InterfaceAbi, string>;
  /** Creation bytecode, hex with 0x. */
  bytecode: string;
  /** Runtime bytecode, hex with 0x; immutables are zero in it. */
  deployedBytecode: string;
}

/**
 * What `npx hardhat build` wrote for one contract.
 * @throws ThreadlineError `artifact-missing` when the contracts have not been built
 */
export function readArtifact(name: ContractName): ContractArtifact {
  const folder = CONTRACT_FOLDERS[name];
  const file = new URL(`../../artifacts/contracts/${folder}/${name}.sol/${name}.json`, import.meta.url);
  if (!existsSync(file)) {
    throw new ThreadlineError("artifact-missing", `contract ${name} is not built; run "npx hardhat build"`, { name });
  }
  return JSON.parse(readFileSync(file, "utf8")) as ContractArtifact;
}
