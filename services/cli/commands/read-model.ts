import { apiClient } from "../endpoints.ts";
import { printJson } from "../print.ts";

interface Digest {
  store: string;
  chain: string;
  equal: boolean;
}

/** Asks the running network to make its read model anew from the chain. */
export async function rebuild(): Promise<void> {
  const api = apiClient();
  const { rows, blockNumber } = await api.must(api.post<{ rows: number; blockNumber: number }>("/read-model/rebuild", {}));
  process.stdout.write(`read model rebuilt up to block ${blockNumber}: ${rows} custody events\n`);
}

/** Digest of the read model beside one made anew from the chain; 1 when they differ. */
export async function stateDigest(options: { json?: boolean }): Promise<number> {
  const api = apiClient();
  const digest = await api.must(api.get<Digest>("/read-model/digest"));
  if (options.json === true) printJson(digest);
  else process.stdout.write(`store ${digest.store}\nchain ${digest.chain}\n${digest.equal ? "equal" : "DIFFERENT: run threadline rebuild"}\n`);
  return digest.equal ? 0 : 1;
}
