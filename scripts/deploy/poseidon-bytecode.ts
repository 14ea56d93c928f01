import { createRequire } from "node:module";

interface PoseidonContract {
  poseidonContract: { createCode(inputs: number): string };
}

/** Creation bytecode of circomlib's Poseidon over two inputs; circomlibjs assembles it by hand, no compiler involved. */
export function poseidonBytecode(): string {
  // Required lazily: the package pulls in a whole second ethers, which only a deployment needs.
  const circomlib = createRequire(import.meta.url)("circomlibjs") as PoseidonContract;
  return circomlib.poseidonContract.createCode(2);
}
