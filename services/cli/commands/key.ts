import { accountOfKeyFile, makeKeyFile } from "../../client/index.ts";
import { askPassphrase } from "../passphrase.ts";
import { printJson } from "../print.ts";

interface Options {
  passphraseFile?: string;
}

/** Makes a signing key where it is to stay, and prints the account the operator registers: nothing secret. */
export async function makeKey(file: string, options: Options): Promise<void> {
  const passphrase = await askPassphrase(options, "New passphrase, twelve characters or more: ");
  printJson({ account: await makeKeyFile(file, passphrase), file });
}

export function showKey(file: string): void {
  printJson({ account: accountOfKeyFile(file), file });
}
