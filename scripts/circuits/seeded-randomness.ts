import crypto from "node:crypto";

type Fill = typeof crypto.randomFillSync;

/**
 * Runs `work` while `crypto.randomFillSync`, from which snarkjs draws a contribution's secret, returns the stream
 * sha256(seed ‖ 0), sha256(seed ‖ 1), …  For development keys only: whoever knows the seed can forge proofs.
 */
export async function withSeededRandomness<T>(seed: string, work: () => Promise<T>): Promise<T> {
  const original = crypto.randomFillSync;
  let counter = 0;
  const seeded = (target: NodeJS.ArrayBufferView): NodeJS.ArrayBufferView => {
    const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
    for (let filled = 0; filled < bytes.length; counter += 1) {
      const block = crypto.createHash("sha256").update(`${seed}:${counter}`).digest().subarray(0, bytes.length - filled);
      bytes.set(block, filled);
      filled += block.length;
    }
    return target;
  };
  crypto.randomFillSync = seeded as Fill;
  try {
    return await work();
  } finally {
    crypto.randomFillSync = original;
  }
}
