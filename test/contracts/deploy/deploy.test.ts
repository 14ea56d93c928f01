import { Wallet, ZeroAddress, id } from "ethers";
import hre from "hardhat";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readArtifact } from "../../../scripts/deploy/artifacts.ts";
import { deployThreadline } from "../../../scripts/deploy/deploy.ts";
import type { ThreadlineAddresses } from "../../../scripts/deploy/deploy.ts";
import { isDevelopmentChain, refuseDevelopmentParts } from "../../../scripts/deploy/development-chain.ts";

const FOREIGN_CHAIN = 2_018;

async function open(chainId = 31337) {
  const connection = await hre.network.connect({ override: { chainId } });
  const [deployer, oracle, admin, registrar] = await connection.ethers.getSigners();
  if (!deployer || !oracle || !admin || !registrar) throw new Error("the chain has too few accounts");
  const options = {
    signer: deployer,
    oracle: oracle.address,
    admin: admin.address,
    adminDelaySeconds: 86_400,
    verifiers: "dev" as const,
  };
  return { connection, ethers: connection.ethers, deployer, oracle, admin, registrar, options };
}

describe("deployThreadline", () => {
  let chain: Awaited<ReturnType<typeof open>>;
  beforeEach(async () => {
    chain = await open();
  });
  afterEach(() => chain.connection.close());

  test("puts the same addresses on every fresh chain", async () => {
    const other = await open();
    const [first, second] = [await deployThreadline(chain.options), await deployThreadline(other.options)];
    expect(first.addresses).toEqual(second.addresses);
    expect(first.chainId).toBe(31337n);
    expect(first.transactions.map((transaction) => transaction.contract).sort()).toEqual(Object.keys(first.addresses).sort());
    await other.connection.close();
  });

  test("gives each duty to one holder, and none to the deployer", async () => {
    const { options, ethers, oracle, admin, registrar, deployer } = chain;
    const { addresses } = await deployThreadline({ ...options, registrar: registrar.address });
    const holders: [keyof ThreadlineAddresses, string, string[]][] = [
      ["participantRegistry", "REGISTRAR_ROLE", [registrar.address]],
      ["deviceRegistry", "DEVICE_REGISTRAR_ROLE", [registrar.address]],
      ["flowRegistry", "FLOW_AUTHOR_ROLE", [registrar.address]],
      ["exceptionCatalogue", "CATALOGUE_AUTHOR_ROLE", [registrar.address]],
      ["exceptionRegister", "ORACLE_ROLE", [oracle.address]],
      ["exceptionRegister", "RAISER_ROLE", [oracle.address, addresses.custodyLedger]],
      ["custodyLedger", "ORACLE_ROLE", [oracle.address]],
      ["custodyLedger", "RELEASE_ROLE", [addresses.releaseRegister]],
      ["conditionProofs", "ORACLE_ROLE", [oracle.address]],
      ["dispositionRegister", "ORACLE_ROLE", [oracle.address]],
      ["identityChecks", "ORACLE_ROLE", [oracle.address]],
      ["equipmentRegistry", "EQUIPMENT_REGISTRAR_ROLE", [registrar.address]],
      ["equipmentRegistry", "ORACLE_ROLE", [oracle.address]],
      ["releaseRegister", "ORACLE_ROLE", [oracle.address]],
      ["specificationRegistry", "SPECIFICATION_AUTHOR_ROLE", [registrar.address]],
      ["batchProofs", "ORACLE_ROLE", [oracle.address]],
    ];
    const everyone = [deployer.address, oracle.address, admin.address, registrar.address, ...Object.values(addresses)];
    for (const [name, role, expected] of holders) {
      const contract = await ethers.getContractAt("CustodyLedger", addresses[name]);
      const found = await Promise.all(everyone.map(async (account) => ((await contract.hasRole(id(role), account)) ? account : null)));
      expect(found.filter((account) => account !== null).sort(), `${name} ${role}`).toEqual(expected.sort());
      expect(await contract.defaultAdmin()).toBe(admin.address);
      expect(await contract.defaultAdminDelay()).toBe(86_400n);
    }
  });

  test("the admin registers when nobody else is named", async () => {
    const { options, ethers, admin } = chain;
    const { addresses } = await deployThreadline(options);
    const registry = await ethers.getContractAt("ParticipantRegistry", addresses.participantRegistry);
    expect(await registry.hasRole(id("REGISTRAR_ROLE"), admin.address)).toBe(true);
  });

  test("every contract fits the size an EVM ledger takes", async () => {
    const { addresses } = await deployThreadline(chain.options);
    for (const [name, address] of Object.entries(addresses)) {
      const bytes = (await chain.ethers.provider.getCode(address as string)).length / 2 - 1;
      expect(bytes, name).toBeGreaterThan(0);
      expect(bytes, name).toBeLessThanOrEqual(24_576);
    }
  });

  test("refuses addresses that are none, and a signer without a chain", async () => {
    await expect(deployThreadline({ ...chain.options, oracle: "0x12" })).rejects.toMatchObject({ code: "deploy-address-invalid" });
    const signer = new Wallet(id("threadline development key lonely"));
    await expect(deployThreadline({ ...chain.options, signer })).rejects.toMatchObject({ code: "deploy-no-provider" });
  });

  test("stops when the signer sends something else in between and so moves the addresses", async () => {
    const { deployer, options } = chain;
    const signer = new Proxy(deployer, {
      get(target, name) {
        if (name !== "sendTransaction") return Reflect.get(target, name, target) as unknown;
        return async ({ data }: { data: string }) => {
          await target.sendTransaction({ to: target.address });
          return target.sendTransaction({ data });
        };
      },
    });
    await expect(deployThreadline({ ...options, signer })).rejects.toMatchObject({
      code: "deploy-address-mismatch",
      details: { contract: "poseidon" },
    });
  });

  test("refuses the development verifier and development keys elsewhere, and sends nothing", async () => {
    const foreign = await open(FOREIGN_CHAIN);
    await expect(deployThreadline(foreign.options)).rejects.toMatchObject({ code: "development-verifier-refused" });
    await expect(deployThreadline({ ...foreign.options, verifiers: { conditionSegmentVerifier: ZeroAddress, identityLinkVerifier: ZeroAddress, batchReleaseVerifier: ZeroAddress } })).rejects.toMatchObject({
      code: "development-key-refused",
    });
    expect(await foreign.ethers.provider.getBlockNumber()).toBe(0);
    await foreign.connection.close();
  });
});

describe("refuseDevelopmentParts", () => {
  const own = new Wallet(id("threadline development key own")).address;
  const published = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

  test.each([31337n, 1337n, 31338n])("lets chain %i have them", (chainId) => {
    expect(isDevelopmentChain(chainId)).toBe(true);
    expect(() => refuseDevelopmentParts(chainId, [published], true)).not.toThrow();
  });

  test.each([1n, 2018n, 8217n, 0n])("keeps them off chain %i", (chainId) => {
    expect(() => refuseDevelopmentParts(chainId, [own], true)).toThrow(/not a development chain/);
    expect(() => refuseDevelopmentParts(chainId, [own, published], false)).toThrow(/published development mnemonic/);
    expect(() => refuseDevelopmentParts(chainId, [own, published.toLowerCase()], false)).toThrow();
    expect(() => refuseDevelopmentParts(chainId, [own], false)).not.toThrow();
  });
});

test("readArtifact gives interface and bytecode of each contract", () => {
  for (const name of ["ParticipantRegistry", "CustodyLedger", "ConditionSegmentDevVerifier"] as const) {
    const { contractName, abi, bytecode } = readArtifact(name);
    expect(contractName).toBe(name);
    expect(abi.length).toBeGreaterThan(0);
    expect(bytecode).toMatch(/^0x[0-9a-f]{100,}$/);
  }
});
