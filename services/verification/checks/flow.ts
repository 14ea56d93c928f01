import { flowToLedger } from "../../model/custody/flow-to-ledger.ts";
import { flowDocument } from "../../model/custody/flow.ts";
import { wordBigInt } from "../abi-words.ts";
import type { ContractRead } from "../contract-reads.ts";
import { documentHashOf } from "../flow-document.ts";
import { counted } from "./check.ts";
import type { Check } from "./check.ts";

interface Expected extends ContractRead {
  what: string;
  values: bigint[];
}

/** The flow's document has the hash registered, and the numbers the contracts judge by are the document's. */
export const flowCheck: Check = {
  name: "flow",
  async run({ read, addresses, history }) {
    const { flow, flowNumber, flowDocument: document, flowDocumentHash } = history;
    const problems: string[] = [];
    if (documentHashOf(document) !== flowDocumentHash) problems.push("the flow's document does not have its registered hash");
    if (flowDocument(flow) !== document) problems.push("the flow's document is not canonical JSON of the flow it defines");
    const ledger = flowToLedger(flow);
    const address = addresses.flowRegistry;
    const items = (signature: string, what: string, list: readonly object[]): Expected[] =>
      list.map((item, number) => ({
        what: `${what} ${number}`,
        address,
        signature,
        parameters: [flowNumber, number],
        values: Object.values(item).map((value: bigint | number | boolean) => BigInt(value)),
      }));
    const expected: Expected[] = [
      {
        what: "the header",
        address,
        signature: "header(uint32)",
        parameters: [flowNumber],
        values: [
          BigInt(flowDocumentHash),
          BigInt(ledger.lateEntryToleranceSeconds),
          BigInt(ledger.handoverToleranceSeconds),
          BigInt(ledger.authorityNotificationSeconds),
          ...[ledger.steps, ledger.legs, ledger.profiles, ledger.gates, ledger.specifications].map((list) => BigInt(list.length)),
        ],
      },
      ...items("step(uint32,uint8)", "step", ledger.steps),
      ...items("leg(uint32,uint8)", "leg", ledger.legs),
      ...items("profile(uint32,uint8)", "profile", ledger.profiles),
      ...items("gate(uint32,uint8)", "gate", ledger.gates),
      ...items(
        "specification(uint32,uint8)",
        "specification",
        ledger.specifications.map((documentHash) => ({ documentHash: BigInt(documentHash) })),
      ),
    ];
    const answers = await read(expected);
    expected.forEach(({ what, values }, index) => {
      const differs = values.some((value, place) => wordBigInt(answers[index] ?? "0x", place) !== value);
      if (differs) problems.push(`${what} on the ledger differs from the flow's document`);
    });
    const parts = [counted(flow.steps.length, "step"), counted(flow.legs.length, "leg"), counted(flow.gates.length, "gate")];
    return { problems, detail: `flow ${flow.name} version ${flow.version}: ${parts.join(", ")} as registered` };
  },
};
