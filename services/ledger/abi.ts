import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Interface } from "ethers";
import type { InterfaceAbi } from "ethers";
import { ThreadlineError } from "../model/errors.ts";

const CONTRACT_INTERFACES = {
  participantRegistry: "IParticipantRegistry",
  deviceRegistry: "IDeviceRegistry",
  flowRegistry: "IFlowRegistry",
  exceptionCatalogue: "IExceptionCatalogue",
  exceptionRegister: "IExceptionRegister",
  custodyLedger: "ICustodyLedger",
  conditionProofs: "IConditionProofs",
  dispositionRegister: "IDispositionRegister",
  specificationRegistry: "ISpecificationRegistry",
  batchProofs: "IBatchProofs",
  identityChecks: "IIdentityChecks",
  equipmentRegistry: "IEquipmentRegistry",
  releaseRegister: "IReleaseRegister",
  accessGrants: "IAccessGrants",
  auditAnchors: "IAuditAnchors",
} as const;

export type LedgerContractName = keyof typeof CONTRACT_INTERFACES;
export type LedgerInterfaces = Record<LedgerContractName, Interface>;

export const LEDGER_CONTRACT_NAMES = Object.keys(CONTRACT_INTERFACES) as LedgerContractName[];

/** Errors of the libraries our contracts use, so that a refusal names them too. */
const INHERITED_ERRORS = [
  "error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)",
  "error ECDSAInvalidSignature()",
  "error SigningTimeOutOfRange(uint40 signedAt, uint256 blockTime)",
  "error SafeCastOverflowedUintDowncast(uint8 bits, uint256 value)",
];

const ARTIFACTS = join(import.meta.dirname, "../../artifacts");

/** Interfaces of the ledger's contracts, from what `npx hardhat build` wrote. Throws `artifact-missing` before that. */
export function loadInterfaces(artifacts: string = ARTIFACTS): LedgerInterfaces {
  return Object.fromEntries(
    LEDGER_CONTRACT_NAMES.map((name) => [name, new Interface(readAbi(artifacts, CONTRACT_INTERFACES[name]))]),
  ) as LedgerInterfaces;
}

/** Every custom error a call into the ledger can end with. */
export function errorInterface(interfaces: LedgerInterfaces): Interface {
  const own = Object.values(interfaces).flatMap((contract) =>
    contract.fragments.filter((fragment) => fragment.type === "error"),
  );
  return new Interface([...own, ...INHERITED_ERRORS]);
}

function readAbi(artifacts: string, name: string): InterfaceAbi {
  const file = join(artifacts, "contracts/interfaces", `${name}.sol`, `${name}.json`);
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { abi: InterfaceAbi }).abi;
  } catch (error) {
    throw new ThreadlineError(
      "artifact-missing",
      `the interface ${name} is not built; run "npx hardhat build"`,
      { name, file },
      { cause: error },
    );
  }
}
