import { readFileSync } from "node:fs";
import { ThreadlineError } from "../model/errors.ts";

/**
 * The passphrase of a key file: from a file, from THREADLINE_KEY_PASSPHRASE, or typed at the terminal unseen. It is asked
 * at every signing and kept nowhere. Throws `passphrase-missing` where nobody can type it.
 */
export async function askPassphrase(options: { passphraseFile?: string | undefined }, question = "Passphrase of the key: "): Promise<string> {
  if (options.passphraseFile !== undefined) return readFileSync(options.passphraseFile, "utf8").replace(/\r?\n$/, "");
  const given = process.env["THREADLINE_KEY_PASSPHRASE"];
  if (given !== undefined) return given;
  if (!process.stdin.isTTY) throw new ThreadlineError("passphrase-missing", "no terminal to ask at: give --passphrase-file or THREADLINE_KEY_PASSPHRASE");
  return typed(question);
}

/** A question to be answered with "yes" at the terminal; a script says so beforehand. */
export async function confirm(question: string, isConfirmed: boolean | undefined): Promise<boolean> {
  if (isConfirmed === true) return true;
  if (!process.stdin.isTTY) throw new ThreadlineError("not-confirmed", "no terminal to confirm at: give --yes once the statement was read");
  return (await typed(`${question} (yes/no) `, true)) === "yes";
}

const END_OF_TEXT = "\u0003";
const BACKSPACE = ["\u007f", "\b"];

/** One line from the terminal, shown only when `isShown`. */
function typed(question: string, isShown = false): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.resume();
  stdin.setEncoding("utf8");
  return new Promise((resolve, reject) => {
    let line = "";
    const end = () => {
      stdin.removeListener("data", read);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write("\n");
    };
    const read = (text: string) => {
      for (const character of text) {
        if (character === END_OF_TEXT) {
          end();
          return reject(new ThreadlineError("interrupted", "nothing was signed"));
        }
        if (character === "\r" || character === "\n") {
          end();
          return resolve(line);
        }
        if (BACKSPACE.includes(character)) line = line.slice(0, -1);
        else line += character;
        if (isShown) stderr.write(character);
      }
    };
    stdin.on("data", read);
  });
}
