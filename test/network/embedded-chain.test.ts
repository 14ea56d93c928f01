import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { JsonRpcProvider, Wallet } from "ethers";
import { afterEach, describe, expect, it } from "vitest";
import { developmentKey } from "../../services/network/deployment.ts";
import { EMBEDDED_CHAIN_ID, startEmbeddedChain } from "../../services/network/embedded-chain.ts";
import type { EmbeddedChain } from "../../services/network/embedded-chain.ts";
import { temporaryHome } from "../support/threadline.ts";

describe("embedded chain", () => {
  const home = temporaryHome();
  let chain: EmbeddedChain | undefined;
  afterEach(async () => {
    await chain?.close();
    rmSync(home, { recursive: true, force: true });
  });
  const start = () => startEmbeddedChain({ home, host: "127.0.0.1", port: 0, startSeconds: 1_750_000_000 });
  const connect = (rpcUrl: string) => new JsonRpcProvider(rpcUrl, EMBEDDED_CHAIN_ID, { staticNetwork: true, cacheTimeout: -1 });

  it("comes back with its blocks after a kill, keeps time moving forward only, and is adopted when it outlived its parent", async () => {
    chain = await start();
    const wallet = new Wallet(developmentKey(0), connect(chain.rpcUrl));
    await chain.advanceClock(1_760_000_000);
    const sent = await wallet.sendTransaction({ to: wallet.address, value: 0n });
    const block = await connect(chain.rpcUrl).getBlock((await sent.wait())?.blockNumber ?? -1);
    expect(block?.timestamp).toBeGreaterThanOrEqual(1_760_000_000);
    await chain.advanceClock(1_000);
    await chain.snapshot();

    const adopted = await start();
    expect(adopted.pid).toBe(chain.pid);

    process.kill(chain.pid, "SIGKILL");
    await sleep(300);
    chain = await start();
    expect(chain.pid).not.toBe(adopted.pid);
    const provider = connect(chain.rpcUrl);
    expect((await provider.getTransactionReceipt(sent.hash))?.status).toBe(1);
    expect(await provider.getTransactionCount(wallet.address)).toBe(1);
    expect(JSON.parse(readFileSync(join(home, "processes", "chain.json"), "utf8")).pid).toBe(chain.pid);
  });
});
