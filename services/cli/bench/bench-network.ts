import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../../scripts/build/ensure-built.ts";
import { createDeviceClient } from "../../device/device-client.ts";
import type { DeviceClient } from "../../device/device-client.ts";
import { createDeviceKeys } from "../../device/device-keys.ts";
import { createNetwork } from "../../network/network.ts";
import type { Network } from "../../network/network.ts";
import { networkSettings } from "../../network/settings.ts";
import { createApiClient } from "../api-client.ts";
import type { ApiClient } from "../api-client.ts";

const GLN = "9506000134369";

/** A flow as small as a measurement needs: one leg between two hand-overs, one gate that asks for its proof. */
const FLOW = {
  name: "bench",
  version: 1,
  lateEntryToleranceSeconds: 4_000_000_000,
  handoverToleranceSeconds: 3_600,
  profiles: [
    {
      name: "cool",
      minimumTemperatureCelsius: 2,
      maximumTemperatureCelsius: 8,
      temperatureBudgetSeconds: 0,
      tiltLimitDegrees: 30,
      tiltBudgetSeconds: 0,
      longestGapSeconds: 240,
      longestDurationSeconds: 864_000,
    },
  ],
  steps: [
    { step: "check", title: "Checked", roles: ["logistics-provider"], custody: "none", repeatable: true },
    { step: "pickup", title: "Accepted", roles: ["logistics-provider"], custody: "take" },
    { step: "arrival", title: "Arrived", roles: ["logistics-provider"], custody: "hold", after: ["pickup"] },
  ],
  legs: [{ leg: "road", from: "pickup", to: "arrival", profile: "cool" }],
  gates: [{ gate: "acceptance", title: "Accepted", roles: ["qualified-person"], requiredSteps: ["arrival"], requiredLegs: ["road"] }],
};

export interface BenchNetwork {
  network: Network;
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

/** A network of its own in a temporary folder, with one courier, for measuring through the public interfaces. */
export async function startBenchNetwork(): Promise<BenchNetwork> {
  const home = mkdtempSync(join(tmpdir(), "threadline-bench-"));
  const ports = { THREADLINE_HTTP_PORT: "0", THREADLINE_MQTT_PORT: "0", THREADLINE_RPC_PORT: "0" };
  const network = await createNetwork(networkSettings({ ...process.env, THREADLINE_HOME: home, ...ports }, projectRoot));
  const operator = createApiClient(network.httpUrl, network.operatorKey);
  const roles = ["treatment-centre", "logistics-provider"];
  const { apiKey } = await operator.must(operator.post<{ apiKey: string }>("/participants", { gln: GLN, name: "Bench Courier", roles }));
  await operator.must(operator.post("/flows", FLOW));
  const courier = createApiClient(network.httpUrl, apiKey);
  return {
    network,
    operator,
    courier,
    async openJourney(number) {
      const chainOfIdentity = `CHA999926${String(number).padStart(6, "0")}`;
      const { journeyId } = await courier.must(
        courier.post<{ journeyId: string }>("/journeys", { chainOfIdentity, flow: { name: FLOW.name, version: FLOW.version } }),
      );
      return { journeyId, chainOfIdentity };
    },
    async connectDevice(number) {
      const giai = `9506000134BENCH${number}`;
      const keys = createDeviceKeys();
      await operator.must(
        operator.post("/devices", {
          giai,
          owner: GLN,
          publicKey: keys.signingKey.publicKey.map(String),
          messageKey: keys.messageKey.publicJwk,
          keyEpoch: 1,
          attestation: "device",
          calibratedFrom: "2020-01-01T00:00:00Z",
          calibratedUntil: "2040-01-01T00:00:00Z",
        }),
      );
      const client = createDeviceClient({
        brokerUrl: network.mqttUrl,
        giai,
        ownerGln: GLN,
        keys,
        keyEpoch: 1,
        username: giai,
        password: network.deviceToken(giai),
        readingsPerMessage: 10,
      });
      return { giai, client };
    },
    document: epcisDocument,
    async close() {
      await network.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function epcisDocument(chainOfIdentity: string, step: string, timeSeconds: number, mark: number): string {
  const eventTime = new Date(timeSeconds * 1000).toISOString();
  return JSON.stringify({
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", { threadline: "https://threadline.example/epcis/" }],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: eventTime,
    epcisBody: {
      eventList: [
        {
          type: "ObjectEvent",
          eventTime,
          eventTimeZoneOffset: "+00:00",
          epcList: [`https://id.gs1.org/01/09506000134352/21/${chainOfIdentity}`],
          action: "OBSERVE",
          bizStep: "inspecting",
          disposition: "in_progress",
          readPoint: { id: `https://id.gs1.org/414/${GLN}/254/${mark}` },
          "threadline:chainOfIdentity": chainOfIdentity,
          "threadline:step": step,
        },
      ],
    },
  });
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
