/**
 * Ends the worker threads snarkjs keeps for the curve BN254; without this a process that proved never exits.
 * snarkjs builds the curve again when it is next needed.
 */
export async function endCurveWorkers(): Promise<void> {
  const curve = (globalThis as { curve_bn128?: { terminate(): Promise<void> } | null }).curve_bn128;
  await curve?.terminate();
}
