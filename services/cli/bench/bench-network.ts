import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../../scripts/build/ensure-built.ts";
import { createDeviceClient } from "../../device/device-client.ts";
import type { DeviceClient } from "../../device/device-client.ts";
import { createDeviceKeys } from "../../device/device-keys.ts";
import { createApiClient } from "../api-client.ts";
import type { ApiClient } from "../api-client.ts";
import { DRILL_FLOW, DRILL_GLN, drillDocument } from "./drill.ts";

export interface BenchNetwork {
  network: { httpUrl: string; mqttUrl: string; rpcUrl: string; addresses: Record<string, string> };
  operator: ApiClient;
  courier: ApiClient;
  /** Opens the n-th journey. */
  openJourney(number: number): Promise<{ journeyId: string; chainOfIdentity: string }>;
  /** Enrols a logger and connects it. */
  connectDevice(number: number): Promise<{ giai: string; client: DeviceClient }>;
  /** One custody event as an EPCIS document, JSON text. */
  document(chainOfIdentity: string, step: string, timeSeconds: number, mark: number): string;
  close(): Promise<void>;
}

/**
 * A network of its own in a temporary folder, with one courier, for measuring through the public interfaces. It runs in
 * a process of its own (`threadline up`), so that the load does not run on the thread it is measuring.
 */
export async function startBenchNetwork(): Promise<BenchNetwork> {
  const home = mkdtempSync(join(tmpdir(), "threadline-bench-"));
  const ports = { THREADLINE_HTTP_PORT: "0", THREADLINE_MQTT_PORT: "0", THREADLINE_RPC_PORT: "0" };
  const child = spawn(process.execPath, [...process.execArgv, join(projectRoot, "services", "cli", "main.ts"), "up", "--json"], {
    env: { ...process.env, THREADLINE_HOME: home, ...ports },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const network = await endpointsOf(child);
  const { operatorKey } = JSON.parse(readFileSync(join(home, "secrets.json"), "utf8")) as { operatorKey: string };
  const operator = createApiClient(network.httpUrl, operatorKey);
  const roles = ["treatment-centre", "logistics-provider"];
  const { apiKey } = await operator.must(operator.post<{ apiKey: string }>("/participants", { gln: DRILL_GLN, name: "Bench Courier", roles }));
  await operator.must(operator.post("/flows", DRILL_FLOW));
  const courier = createApiClient(network.httpUrl, apiKey);
  return {
    network,
    operator,
    courier,
    async openJourney(number) {
      const chainOfIdentity = `CHA999926${String(number).padStart(6, "0")}`;
      const { journeyId } = await courier.must(
        courier.post<{ journeyId: string }>("/journeys", { chainOfIdentity, flow: { name: DRILL_FLOW.name, version: DRILL_FLOW.version } }),
      );
      return { journeyId, chainOfIdentity };
    },
    async connectDevice(number) {
      const giai = `9506000134BENCH${number}`;
      const keys = createDeviceKeys();
      await operator.must(
        operator.post("/devices", {
          giai,
          owner: DRILL_GLN,
          publicKey: keys.signingKey.publicKey.map(String),
          messageKey: keys.messageKey.publicJwk,
          keyEpoch: 1,
          attestation: "device",
          calibratedFrom: "2020-01-01T00:00:00Z",
          calibratedUntil: "2040-01-01T00:00:00Z",
        }),
      );
      const { token } = await operator.must(operator.get<{ token: string }>(`/devices/${giai}/broker-token`));
      const client = createDeviceClient({
        brokerUrl: network.mqttUrl,
        giai,
        ownerGln: DRILL_GLN,
        keys,
        keyEpoch: 1,
        username: giai,
        password: token,
        readingsPerMessage: 10,
      });
      return { giai, client };
    },
    document: drillDocument,
    async close() {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGTERM");
      await ended;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** What `up --json` prints when it is ready. */
function endpointsOf(child: ChildProcess): Promise<BenchNetwork["network"]> {
  return new Promise((resolve, reject) => {
    let printed = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.trimEnd().endsWith("}")) resolve(JSON.parse(printed) as BenchNetwork["network"]);
    });
    child.once("close", (code) => reject(new Error(`the network to measure ended with ${code}`)));
  });
}

const LONGEST_WAIT_MILLISECONDS = 120_000;

/** Asks again and again until it is so; throws what it waited for when that takes minutes. */
export async function until(what: string, condition: () => Promise<boolean>, everyMilliseconds: number): Promise<void> {
  const deadline = performance.now() + LONGEST_WAIT_MILLISECONDS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited two minutes for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMilliseconds));
  }
}
