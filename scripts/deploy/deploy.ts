import { ContractFactory, getCreateAddress, isAddress } from "ethers";
import type { ContractDeployTransaction, Signer } from "ethers";
import { EXCEPTION_CATALOGUE, catalogueToLedger } from "../../services/model/custody/exception-catalogue.ts";
import { ThreadlineError } from "../../services/model/errors.ts";
import { readArtifact } from "./artifacts.ts";
import type { ContractName } from "./artifacts.ts";
import { refuseDevelopmentParts } from "./development-chain.ts";
import { poseidonBytecode } from "./poseidon-bytecode.ts";

export interface DeployOptions {
  /** Pays for and sends the transactions; gets no role. Must have a provider. */
  signer: Signer;
  /** Account that relays: holds ORACLE_ROLE and RAISER_ROLE. */
  oracle: string;
  /** Default admin of every contract (delayed two-step transfer). */
  admin: string;
  adminDelaySeconds: number;
  /** Account that registers participants, devices, flows and catalogue entries; the admin by default. */
  registrar?: string;
  /** `dev` deploys the verifiers of the development keys; otherwise the addresses of deployed verifiers. */
  verifiers: "dev" | Record<VerifierName, string>;
}

/** The verifier of each circuit, and the contract that holds its development key. */
const DEVELOPMENT_VERIFIERS = {
  conditionSegmentVerifier: "ConditionSegmentDevVerifier",
  identityLinkVerifier: "IdentityLinkDevVerifier",
  batchReleaseVerifier: "BatchReleaseDevVerifier",
} as const satisfies Record<string, ContractName>;

export type VerifierName = keyof typeof DEVELOPMENT_VERIFIERS;

export const VERIFIER_NAMES = Object.keys(DEVELOPMENT_VERIFIERS) as VerifierName[];

export interface ThreadlineAddresses extends Record<VerifierName, string> {
  participantRegistry: string;
  deviceRegistry: string;
  flowRegistry: string;
  exceptionCatalogue: string;
  exceptionRegister: string;
  custodyLedger: string;
  conditionProofs: string;
  identityChecks: string;
  equipmentRegistry: string;
  specificationRegistry: string;
  batchProofs: string;
  dispositionRegister: string;
  releaseRegister: string;
  accessGrants: string;
  auditAnchors: string;
  poseidon: string;
}

export interface DeployTransaction {
  contract: keyof ThreadlineAddresses;
  hash: string;
  blockNumber: number;
  gasUsed: bigint;
}

export interface Deployment {
  chainId: bigint;
  addresses: ThreadlineAddresses;
  transactions: DeployTransaction[];
}

/** The order of deployment; a contract's address follows from the sender's nonce, so later ones are known beforehand. */
const ORDER = [
  "poseidon",
  ...VERIFIER_NAMES,
  "participantRegistry",
  "deviceRegistry",
  "flowRegistry",
  "exceptionCatalogue",
  "exceptionRegister",
  "custodyLedger",
  "conditionProofs",
  "identityChecks",
  "equipmentRegistry",
  "specificationRegistry",
  "batchProofs",
  "dispositionRegister",
  "releaseRegister",
  "accessGrants",
  "auditAnchors",
] as const satisfies readonly (keyof ThreadlineAddresses)[];

/** Contracts that the release register asks before a gate opens, in the order of their checks. */
const CONDITIONS = ["identityChecks", "batchProofs", "dispositionRegister", "equipmentRegistry"] as const satisfies readonly (keyof ThreadlineAddresses)[];

/**
 * Deploys all contracts and wires their roles in the constructors, so that at no time does anyone hold a role too many.
 * From a fresh account the addresses are always the same.
 * @throws ThreadlineError `development-verifier-refused`, `development-key-refused`, `deploy-address-invalid`,
 *         `deploy-address-mismatch` (the signer sent something else meanwhile), `artifact-missing`
 */
export async function deployThreadline(options: DeployOptions): Promise<Deployment> {
  const { signer, oracle, admin, adminDelaySeconds } = options;
  const registrar = options.registrar ?? admin;
  if (signer.provider === null) {
    throw new ThreadlineError("deploy-no-provider", "the deploying signer is not connected to a chain; connect it first");
  }
  for (const [name, address] of Object.entries({ oracle, admin, registrar })) {
    if (!isAddress(address)) {
      throw new ThreadlineError("deploy-address-invalid", `${name} is not an address: ${address}`, { name, address });
    }
  }
  const { chainId } = await signer.provider.getNetwork();
  const sender = await signer.getAddress();
  refuseDevelopmentParts(chainId, [sender, oracle, admin, registrar], options.verifiers === "dev");

  const firstNonce = await signer.getNonce("pending");
  const given: Partial<Record<string, string>> = options.verifiers === "dev" ? {} : options.verifiers;
  const order = ORDER.filter((contract) => given[contract] === undefined);
  const predicted = order.map((contract, index) => [contract, getCreateAddress({ from: sender, nonce: firstNonce + index })]);
  const addresses = { ...Object.fromEntries(predicted), ...given } as ThreadlineAddresses;

  const creations = creationTransactions(addresses, { adminDelaySeconds, admin, oracle, registrar });
  const transactions: DeployTransaction[] = [];
  for (const [index, contract] of order.entries()) {
    const response = await signer.sendTransaction({ ...(await creations[contract]()), nonce: firstNonce + index });
    const receipt = await response.wait();
    if (receipt?.contractAddress !== addresses[contract]) {
      throw new ThreadlineError(
        "deploy-address-mismatch",
        `${contract} was not deployed where the others expect it; let nothing else send from ${sender} and deploy again`,
        { contract, expected: addresses[contract], actual: receipt?.contractAddress },
      );
    }
    const { hash, blockNumber, gasUsed } = receipt;
    transactions.push({ contract, hash, blockNumber, gasUsed });
  }
  return { chainId, addresses, transactions };
}

interface Holders {
  adminDelaySeconds: number;
  admin: string;
  oracle: string;
  registrar: string;
}

function creationTransactions(
  at: ThreadlineAddresses,
  { adminDelaySeconds, admin, oracle, registrar }: Holders,
): Record<keyof ThreadlineAddresses, () => Promise<ContractDeployTransaction | { data: string }>> {
  const create = async (name: ContractName, ...args: unknown[]) => {
    const { abi, bytecode } = readArtifact(name);
    return new ContractFactory(abi, bytecode).getDeployTransaction(...args);
  };
  return {
    poseidon: async () => ({ data: poseidonBytecode() }),
    conditionSegmentVerifier: () => create(DEVELOPMENT_VERIFIERS.conditionSegmentVerifier),
    identityLinkVerifier: () => create(DEVELOPMENT_VERIFIERS.identityLinkVerifier),
    batchReleaseVerifier: () => create(DEVELOPMENT_VERIFIERS.batchReleaseVerifier),
    participantRegistry: () => create("ParticipantRegistry", adminDelaySeconds, admin, registrar),
    deviceRegistry: () =>
      create("DeviceRegistry", at.participantRegistry, at.poseidon, adminDelaySeconds, admin, registrar),
    flowRegistry: () => create("FlowRegistry", adminDelaySeconds, admin, registrar),
    exceptionCatalogue: () =>
      create("ExceptionCatalogue", catalogueToLedger(EXCEPTION_CATALOGUE), adminDelaySeconds, admin, registrar),
    exceptionRegister: () =>
      create(
        "ExceptionRegister",
        at.participantRegistry,
        at.exceptionCatalogue,
        adminDelaySeconds,
        admin,
        oracle,
        at.custodyLedger,
      ),
    custodyLedger: () =>
      create(
        "CustodyLedger",
        at.participantRegistry,
        at.flowRegistry,
        at.exceptionRegister,
        adminDelaySeconds,
        admin,
        oracle,
        at.releaseRegister,
      ),
    conditionProofs: () =>
      create(
        "ConditionProofs",
        at.deviceRegistry,
        at.flowRegistry,
        at.custodyLedger,
        at.exceptionRegister,
        at.participantRegistry,
        at.conditionSegmentVerifier,
        adminDelaySeconds,
        admin,
        oracle,
      ),
    dispositionRegister: () =>
      create(
        "DispositionRegister",
        at.participantRegistry,
        at.flowRegistry,
        at.custodyLedger,
        at.exceptionRegister,
        adminDelaySeconds,
        admin,
        oracle,
      ),
    specificationRegistry: () => create("SpecificationRegistry", adminDelaySeconds, admin, registrar),
    batchProofs: () =>
      create(
        "BatchProofs",
        at.participantRegistry,
        at.deviceRegistry,
        at.flowRegistry,
        at.specificationRegistry,
        at.custodyLedger,
        at.batchReleaseVerifier,
        adminDelaySeconds,
        admin,
        oracle,
      ),
    accessGrants: () =>
      create("AccessGrants", at.participantRegistry, at.custodyLedger, adminDelaySeconds, admin, oracle),
    auditAnchors: () => create("AuditAnchors", adminDelaySeconds, admin, oracle),
    identityChecks: () =>
      create(
        "IdentityChecks",
        at.participantRegistry,
        at.flowRegistry,
        at.custodyLedger,
        at.identityLinkVerifier,
        adminDelaySeconds,
        admin,
        oracle,
      ),
    equipmentRegistry: () =>
      create(
        "EquipmentRegistry",
        at.participantRegistry,
        at.flowRegistry,
        at.custodyLedger,
        at.exceptionRegister,
        adminDelaySeconds,
        admin,
        registrar,
        oracle,
      ),
    releaseRegister: () =>
      create(
        "ReleaseRegister",
        at.participantRegistry,
        at.flowRegistry,
        at.custodyLedger,
        at.conditionProofs,
        at.exceptionRegister,
        at.dispositionRegister,
        CONDITIONS.map((condition) => at[condition]),
        adminDelaySeconds,
        admin,
        oracle,
      ),
  };
}
