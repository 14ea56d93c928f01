import { readFileSync } from "node:fs";
import { flowSchema } from "../../model/custody/flow.ts";
import { apiClient } from "../endpoints.ts";
import { printJson, printTable } from "../print.ts";

export async function registerFlow(file: string): Promise<void> {
  const flow = flowSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  const api = apiClient();
  printJson(await api.must(api.post("/flows", flow)));
}

export async function listFlows(): Promise<void> {
  const api = apiClient();
  const { flows } = await api.must(api.get<{ flows: { name: string; version: number; documentHash: string }[] }>("/flows"));
  printTable(
    ["NAME", "VERSION", "DOCUMENT HASH"],
    flows.map(({ name, version, documentHash }) => [name, String(version), documentHash]),
  );
}
