const PUSH1 = 0x60;
const PUSH32 = 0x7f;

/** Constants of EVM bytecode: the immediate of every PUSH, walked instruction by instruction. */
export function pushedConstants(code: string): Set<bigint> {
  const bytes = Buffer.from(code.slice(2), "hex");
  const constants = new Set<bigint>();
  for (let offset = 0; offset < bytes.length; offset += 1) {
    const opcode = bytes[offset] as number;
    if (opcode < PUSH1 || opcode > PUSH32) continue;
    const length = opcode - PUSH1 + 1;
    constants.add(BigInt(`0x${bytes.subarray(offset + 1, offset + 1 + length).toString("hex") || "0"}`));
    offset += length;
  }
  return constants;
}
