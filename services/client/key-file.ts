import { readFileSync, statSync, writeFileSync } from "node:fs";
import { Wallet, getAddress, isKeystoreJson } from "ethers";
import { ThreadlineError } from "../model/errors.ts";
import { newPrivateKey, signingKeyOf } from "./signing-key.ts";
import type { SigningKey } from "./signing-key.ts";

/** NIST SP 800-63B asks for eight characters at least; a key file may be copied and guessed at offline. */
export const SHORTEST_PASSPHRASE = 12;

/**
 * Makes a key on this machine and keeps it in a file that only its owner may read, in the Web3 Secret Storage form
 * (version 3: scrypt with N = 2^17, AES-128-CTR, Keccak MAC). Returns its account. Throws `passphrase-too-short`, and
 * `key-file-exists` rather than write over a key.
 */
export async function makeKeyFile(file: string, passphrase: string): Promise<string> {
  if (passphrase.length < SHORTEST_PASSPHRASE)
    throw new ThreadlineError("passphrase-too-short", `the passphrase has ${passphrase.length} characters; take ${SHORTEST_PASSPHRASE} at least`);
  const wallet = new Wallet(newPrivateKey());
  const text = await wallet.encrypt(passphrase);
  try {
    writeFileSync(file, `${text}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new ThreadlineError("key-file-exists", `${file} exists; a key is never written over: name another file`, { file });
  }
  return wallet.address;
}

/** The account of a key file, without opening it. Throws `key-file-unreadable`. */
export function accountOfKeyFile(file: string): string {
  const { address } = JSON.parse(readKeyFile(file)) as { address?: string };
  if (address !== undefined) return getAddress(`0x${address.replace(/^0x/, "")}`);
  throw new ThreadlineError("key-file-unreadable", `${file} does not name its account, which its form leaves open: only its passphrase shows it`, { file });
}

/**
 * Opens a key file for one act: the passphrase is the second component of the signature (21 CFR 11.200 (a)(1)), asked at
 * every signing. Throws `passphrase-wrong`, `key-file-unreadable`, and
 * `key-file-exposed` when others may read the file.
 */
export async function openKeyFile(file: string, passphrase: string): Promise<SigningKey> {
  const text = readKeyFile(file);
  if ((statSync(file).mode & 0o077) !== 0)
    throw new ThreadlineError("key-file-exposed", `others may read ${file}: chmod 600 it, and think of the key as known`, { file });
  try {
    return signingKeyOf((await Wallet.fromEncryptedJson(text, passphrase)).privateKey);
  } catch (cause) {
    if (/incorrect password/i.test((cause as Error).message))
      throw new ThreadlineError("passphrase-wrong", `the passphrase does not open ${file}`, { file }, { cause });
    throw new ThreadlineError("key-file-unreadable", `${file} is of a form that is not read here: ${(cause as Error).message}`, { file }, { cause });
  }
}

function readKeyFile(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new ThreadlineError("key-file-unreadable", `${file} cannot be read; "threadline key make" makes one`, { file }, { cause });
  }
  if (isKeystoreJson(text)) return text;
  throw new ThreadlineError("key-file-unreadable", `${file} is no key file (Web3 Secret Storage, version 3)`, { file });
}
