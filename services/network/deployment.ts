import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HDNodeWallet, JsonRpcProvider, Mnemonic, Wallet } from "ethers";
import { z } from "zod";
import { deployThreadline } from "../../scripts/deploy/deploy.ts";
import { DEVELOPMENT_MNEMONIC } from "../../scripts/deploy/development-chain.ts";
import { ThreadlineError } from "../model/errors.ts";

const DEPLOYER_ACCOUNT = 0;
const RELAY_ACCOUNT = 1;
const ADMIN_DELAY_SECONDS = 86_400;

const deploymentSchema = z.looseObject({
  chainId: z.string(),
  addresses: z.record(z.string(), z.string()),
});

export interface KnownDeployment {
  chainId: bigint;
  addresses: Record<string, string>;
}

/** Private key of a development account, by its number in the development mnemonic. */
export function developmentKey(account: number): string {
  return HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(DEVELOPMENT_MNEMONIC), `m/44'/60'/0'/0/${account}`).privateKey;
}

/** Key that relays: the one given for an outside chain, else the development one. */
export function relayKeyOf(given: string | undefined): string {
  return given ?? developmentKey(RELAY_ACCOUNT);
}

/**
 * Contracts of this network: those of `deployment.json` when they are still on the chain, else newly deployed.
 * On an outside chain the deployment must already be named; development parts never go there by accident.
 */
export async function ensureDeployment(options: { home: string; rpcUrl: string; relayKey: string }): Promise<KnownDeployment> {
  const file = join(options.home, "deployment.json");
  const provider = new JsonRpcProvider(options.rpcUrl, undefined, { cacheTimeout: -1 });
  try {
    const { chainId } = await provider.getNetwork();
    if (existsSync(file)) {
      const known = deploymentSchema.parse(JSON.parse(readFileSync(file, "utf8")));
      const ledger = known.addresses["custodyLedger"] ?? "";
      if (known.chainId === chainId.toString() && (await provider.getCode(ledger)) !== "0x") {
        return { chainId, addresses: known.addresses };
      }
      throw new ThreadlineError(
        "deployment-missing",
        `the contracts of ${file} are not on chain ${chainId}; point THREADLINE_RPC_URL to their chain, or use another THREADLINE_HOME`,
        { file, chainId: chainId.toString() },
      );
    }
    const relay = new Wallet(options.relayKey).address;
    const deployer = new Wallet(developmentKey(DEPLOYER_ACCOUNT), provider);
    const { addresses } = await deployThreadline({
      signer: deployer,
      oracle: relay,
      admin: deployer.address,
      registrar: relay,
      adminDelaySeconds: ADMIN_DELAY_SECONDS,
      verifiers: "dev",
    });
    const known: KnownDeployment = { chainId, addresses: { ...addresses } };
    writeFileSync(`${file}.new`, JSON.stringify({ chainId: chainId.toString(), addresses }, null, 2) + "\n");
    renameSync(`${file}.new`, file);
    return known;
  } finally {
    provider.destroy();
  }
}
