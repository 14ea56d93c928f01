import { EXCEPTION_CATALOGUE, catalogueToLedger } from "../../model/custody/exception-catalogue.ts";
import { bytes32ToCode } from "../../model/custody/identifiers.ts";
import { wordNumber } from "../abi-words.ts";
import { counted } from "./check.ts";
import type { Check } from "./check.ts";

const MEMBERS = ["class", "ownerDuties", "reactWithinSeconds", "recalls", "known"] as const;

/** The ledger's exception catalogue says of every code what this verifier's own says. */
export const catalogueCheck: Check = {
  name: "exception-catalogue",
  async run({ read, addresses }) {
    const address = addresses.exceptionCatalogue;
    const expected = catalogueToLedger(EXCEPTION_CATALOGUE);
    const [count = "0x", ...answers] = await read([
      { address, signature: "codeCount()" },
      ...expected.map(({ code }) => ({ address, signature: "entry(bytes32)", parameters: [BigInt(code)] })),
    ]);
    const problems = expected.flatMap((entry, index) => {
      const wanted = [entry.class, entry.ownerDuties, entry.reactWithinSeconds, Number(entry.recalls), 1];
      const found = MEMBERS.map((_, word) => wordNumber(answers[index] ?? "0x", word));
      const name = bytes32ToCode(entry.code);
      if (found[4] !== 1) return [`the ledger's catalogue does not know ${name}`];
      return MEMBERS.flatMap((member, word) =>
        found[word] === wanted[word] ? [] : [`${name}: ${member} is ${found[word]} on the ledger, ${wanted[word]} in the catalogue`],
      );
    });
    const further = wordNumber(count, 0) - expected.length;
    const detail = `${counted(expected.length, "code")} as in the catalogue, ${counted(Math.max(0, further), "further code")} on the ledger`;
    return { problems, detail };
  },
};
