import { wordAddress } from "../abi-words.ts";
import type { ContractName, LedgerAddresses } from "../addresses.ts";
import { ThreadlineError } from "../../model/errors.ts";
import type { ContractReader } from "../contract-reads.ts";
import type { Rpc } from "../rpc.ts";
import type { CheckOutcome } from "./check.ts";

/** Which contract each one trusts, by the name of its getter. */
const WIRING: [ContractName, string, ContractName][] = [
  ["deviceRegistry", "participants()", "participantRegistry"],
  ["exceptionRegister", "participants()", "participantRegistry"],
  ["exceptionRegister", "catalogue()", "exceptionCatalogue"],
  ["custodyLedger", "participants()", "participantRegistry"],
  ["custodyLedger", "flows()", "flowRegistry"],
  ["custodyLedger", "exceptions()", "exceptionRegister"],
  ["conditionProofs", "devices()", "deviceRegistry"],
  ["conditionProofs", "flows()", "flowRegistry"],
  ["conditionProofs", "ledger()", "custodyLedger"],
  ["conditionProofs", "exceptions()", "exceptionRegister"],
  ["conditionProofs", "participants()", "participantRegistry"],
  ["conditionProofs", "verifier()", "conditionSegmentVerifier"],
  ["dispositionRegister", "participants()", "participantRegistry"],
  ["dispositionRegister", "flows()", "flowRegistry"],
  ["dispositionRegister", "ledger()", "custodyLedger"],
  ["dispositionRegister", "exceptions()", "exceptionRegister"],
  ["batchProofs", "participants()", "participantRegistry"],
  ["batchProofs", "devices()", "deviceRegistry"],
  ["batchProofs", "flows()", "flowRegistry"],
  ["batchProofs", "specifications()", "specificationRegistry"],
  ["batchProofs", "ledger()", "custodyLedger"],
  ["batchProofs", "verifier()", "batchReleaseVerifier"],
  ["identityChecks", "participants()", "participantRegistry"],
  ["identityChecks", "flows()", "flowRegistry"],
  ["identityChecks", "ledger()", "custodyLedger"],
  ["identityChecks", "verifier()", "identityLinkVerifier"],
  ["equipmentRegistry", "participants()", "participantRegistry"],
  ["equipmentRegistry", "flows()", "flowRegistry"],
  ["equipmentRegistry", "ledger()", "custodyLedger"],
  ["releaseRegister", "participants()", "participantRegistry"],
  ["releaseRegister", "flows()", "flowRegistry"],
  ["releaseRegister", "ledger()", "custodyLedger"],
  ["releaseRegister", "proofs()", "conditionProofs"],
  ["releaseRegister", "exceptions()", "exceptionRegister"],
  ["accessGrants", "participants()", "participantRegistry"],
  ["accessGrants", "ledger()", "custodyLedger"],
  ["releaseRegister", "dispositions()", "dispositionRegister"],
];

/** Throws ThreadlineError `no-contract` for an address without code: nothing can be checked there. */
export async function requireCode(rpc: Rpc, addresses: LedgerAddresses): Promise<void> {
  const names = Object.keys(addresses) as ContractName[];
  const codes = await rpc.callAll<string>("eth_getCode", names.map((name) => [addresses[name], "latest"]));
  const empty = names.filter((_, index) => (codes[index] ?? "0x") === "0x");
  if (empty.length > 0)
    throw new ThreadlineError(
      "no-contract",
      `no contract at ${empty.map((name) => `${name} ${addresses[name]}`).join(", ")}: check the addresses and the chain`,
      { empty },
    );
}

/** The contracts trust each other, and none that the verifier was not told of. */
export async function checkContracts(read: ContractReader, addresses: LedgerAddresses): Promise<CheckOutcome> {
  const answers = await read(WIRING.map(([contract, signature]) => ({ address: addresses[contract], signature })));
  const problems = WIRING.flatMap(([contract, signature, trusted], index) => {
    const actual = wordAddress(answers[index] ?? "0x", 0);
    return actual === addresses[trusted].toLowerCase()
      ? []
      : [`${contract}.${signature} is ${actual}, not the ${trusted} ${addresses[trusted]}`];
  });
  return { problems, detail: `${Object.keys(addresses).length} contracts with code, ${WIRING.length} references between them agree` };
}
