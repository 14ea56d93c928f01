import { Signature, Wallet, id, keccak256, toUtf8Bytes } from "ethers";
import hre from "hardhat";
import { flowToLedger } from "../../../services/model/custody/flow-to-ledger.ts";
import { flowDocument } from "../../../services/model/custody/flow.ts";
import type { FlowDefinition } from "../../../services/model/custody/flow.ts";
import { participantIdOf } from "../../../services/model/custody/identifiers.ts";
import { rolesToBitmap } from "../../../services/model/custody/roles.ts";
import type { Role } from "../../../services/model/custody/roles.ts";
import { CUSTODY_EVENT_TYPES, threadlineDomain } from "../../../services/model/custody/typed-data.ts";
import type {} from "../../../types/hardhat.d.ts";
import { VERIFIER_NAMES, deployThreadline } from "../../../scripts/deploy/deploy.ts";
import type { VerifierName } from "../../../scripts/deploy/deploy.ts";
import { testFlow } from "./flow.ts";

/** A verifier that says yes to everything: what is tested with it is what the contract demands beside a proof. */
const YES_SAYER = "0x600a600c600039600a6000f3600160005260206000f3";
const NO_SAYER = "0x600a600c600039600a6000f3600060005260206000f3";
/** A verifier that reverts with what it was asked, so that a test sees every public signal. */
const ECHO = "0x600a600c600039600a6000f3366000600037366000fd";

const ANSWERS = { yes: YES_SAYER, no: NO_SAYER, echo: ECHO };

export const ADMIN_DELAY_SECONDS = 86_400;

export interface FactInput {
  journeyId: string;
  sequence: number;
  step: number;
  occurredAt: number;
  commitment?: string;
}

export type Threadline = Awaited<ReturnType<typeof openThreadline>>;

export interface ThreadlineOptions {
  /** What `ConditionProofs` asks: the real verifier of the development keys, or one that answers without asking. */
  verifier?: "yes" | "no" | "echo" | "dev";
  flow?: FlowDefinition;
  chainId?: number;
  /** Transactions sent before the deployment, which moves all addresses. */
  transactionsBefore?: number;
}

/** All contracts on a fresh in-process chain, with six participants registered and `testFlow` as flow 1. */
export async function openThreadline(options: ThreadlineOptions = {}) {
  const connection = await hre.network.connect({ override: { chainId: options.chainId ?? 31_337 } });
  const { ethers, provider } = connection;
  const [deployer, oracle, admin, registrar, outsider] = await ethers.getSigners();
  if (!deployer || !oracle || !admin || !registrar || !outsider) throw new Error("the chain has too few accounts");
  for (let sent = 0; sent < (options.transactionsBefore ?? 0); sent += 1) {
    await deployer.sendTransaction({ to: deployer.address });
  }
  const verifiers = options.verifier === "dev" ? ("dev" as const) : await answering(deployer, options.verifier ?? "yes");
  const { addresses, chainId } = await deployThreadline({
    signer: deployer,
    oracle: oracle.address,
    admin: admin.address,
    registrar: registrar.address,
    adminDelaySeconds: ADMIN_DELAY_SECONDS,
    verifiers,
  });
  const participants = await ethers.getContractAt("ParticipantRegistry", addresses.participantRegistry, registrar);
  const devices = await ethers.getContractAt("DeviceRegistry", addresses.deviceRegistry, registrar);
  const flows = await ethers.getContractAt("FlowRegistry", addresses.flowRegistry, registrar);
  const catalogue = await ethers.getContractAt("ExceptionCatalogue", addresses.exceptionCatalogue, registrar);
  const exceptions = await ethers.getContractAt("ExceptionRegister", addresses.exceptionRegister, oracle);
  const ledger = await ethers.getContractAt("CustodyLedger", addresses.custodyLedger, oracle);
  const proofs = await ethers.getContractAt("ConditionProofs", addresses.conditionProofs, oracle);
  const dispositions = await ethers.getContractAt("DispositionRegister", addresses.dispositionRegister, oracle);
  const identities = await ethers.getContractAt("IdentityChecks", addresses.identityChecks, oracle);
  const equipment = await ethers.getContractAt("EquipmentRegistry", addresses.equipmentRegistry, oracle);
  const releases = await ethers.getContractAt("ReleaseRegister", addresses.releaseRegister, oracle);

  const specifications = await ethers.getContractAt("SpecificationRegistry", addresses.specificationRegistry, registrar);
  const batches = await ethers.getContractAt("BatchProofs", addresses.batchProofs, oracle);

  const actors = {
    clinic: developmentActor("clinic", ["apheresis-centre", "treatment-centre"]),
    courier: developmentActor("courier", ["logistics-provider"]),
    factory: developmentActor("factory", ["manufacturing-site"]),
    quality: developmentActor("quality", ["qualified-person"]),
    authority: developmentActor("authority", ["regulator", "auditor"]),
    laboratory: developmentActor("laboratory", ["testing-laboratory"]),
  };
  for (const actor of Object.values(actors)) {
    await participants.register(actor.participantId, rolesToBitmap(actor.roles), actor.wallet.address, actor.name !== "quality");
  }
  const flow = options.flow ?? testFlow;
  await flows.register(flowDocument(flow), flowToLedger(flow));
  const domain = threadlineDomain(chainId, addresses.custodyLedger);

  /** A custody event as `CustodyLedger.record` takes it, signed by `wallet`. */
  async function signFact(wallet: Wallet, fact: FactInput, signingDomain = domain) {
    const event = { commitment: id(`${fact.journeyId}/${fact.sequence}`), ...fact };
    const signature = Signature.from(await wallet.signTypedData(signingDomain, CUSTODY_EVENT_TYPES, event));
    return { ...event, signatureR: signature.r, signatureVS: signature.yParityAndS };
  }

  async function now(): Promise<number> {
    const block = await provider.request({ method: "eth_getBlockByNumber", params: ["latest", false] });
    return Number((block as { timestamp: string }).timestamp);
  }

  return {
    ethers,
    provider,
    addresses,
    chainId,
    accounts: { deployer, oracle, admin, registrar, outsider },
    participants,
    devices,
    flows,
    catalogue,
    exceptions,
    ledger,
    proofs,
    dispositions,
    identities,
    equipment,
    releases,
    specifications,
    batches,
    actors,
    domain,
    signFact,
    now,
    close: () => connection.close(),
  };
}

/** A named participant with a key derived from its name: a development key, worth nothing anywhere else. */
export function developmentActor(name: string, roles: Role[]) {
  const wallet = new Wallet(keccak256(toUtf8Bytes(`threadline development key ${name}`)));
  return { name, roles, wallet, participantId: participantIdOf(name) };
}

/** One verifier in the place of all, which answers without asking. */
async function answering(signer: Parameters<typeof deployBytecode>[0], answer: keyof typeof ANSWERS): Promise<Record<VerifierName, string>> {
  const address = await deployBytecode(signer, ANSWERS[answer]);
  return Object.fromEntries(VERIFIER_NAMES.map((name) => [name, address])) as Record<VerifierName, string>;
}

async function deployBytecode(
  signer: { sendTransaction(transaction: { data: string }): Promise<{ wait(): Promise<{ contractAddress: string | null } | null> }> },
  data: string,
): Promise<string> {
  const receipt = await (await signer.sendTransaction({ data })).wait();
  if (!receipt?.contractAddress) throw new Error("the verifier was not deployed");
  return receipt.contractAddress;
}
