/** A node's secret, for tests only. */
export const TEST_SECRET = new Uint8Array(32).fill(7);
