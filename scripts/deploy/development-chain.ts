import { HDNodeWallet, Mnemonic } from "ethers";
import { ThreadlineError } from "../../services/model/errors.ts";

/** Chain ids of development chains: anvil and Hardhat, geth's `--dev`, and the embedded network. */
export const DEVELOPMENT_CHAIN_IDS: ReadonlySet<bigint> = new Set([31337n, 1337n, 31338n]);

/** The mnemonic that every Ethereum development node starts with: published, so its accounts are anybody's. */
export const DEVELOPMENT_MNEMONIC = "test test test test test test test test test test test junk";

const DEVELOPMENT_ACCOUNTS = 20;

export function isDevelopmentChain(chainId: bigint): boolean {
  return DEVELOPMENT_CHAIN_IDS.has(chainId);
}

/**
 * Keeps published keys, of accounts or of proofs, off every chain that is not a development chain.
 * @throws ThreadlineError `development-verifier-refused` or `development-key-refused`
 */
export function refuseDevelopmentParts(chainId: bigint, accounts: readonly string[], developmentVerifier: boolean): void {
  if (isDevelopmentChain(chainId)) return;
  if (developmentVerifier) {
    throw new ThreadlineError(
      "development-verifier-refused",
      `chain ${chainId} is not a development chain; anyone may know the secrets behind the development proving key. ` +
        "Run a ceremony and pass the address of its verifier",
      { chainId: chainId.toString() },
    );
  }
  const published = developmentAddresses();
  for (const account of accounts) {
    if (!published.has(account.toLowerCase())) continue;
    throw new ThreadlineError(
      "development-key-refused",
      `account ${account} belongs to the published development mnemonic; use a key of your own on chain ${chainId}`,
      { chainId: chainId.toString(), account },
    );
  }
}

function developmentAddresses(): Set<string> {
  const mnemonic = Mnemonic.fromPhrase(DEVELOPMENT_MNEMONIC);
  return new Set(
    Array.from({ length: DEVELOPMENT_ACCOUNTS }, (_, index) =>
      HDNodeWallet.fromMnemonic(mnemonic, `m/44'/60'/0'/0/${index}`).address.toLowerCase(),
    ),
  );
}
