import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { createApiClient } from "../../services/cli/api-client.ts";
import { DRILL_FLOW, DRILL_GLN as GLN, drillDocument } from "../../services/cli/bench/drill.ts";
import { createDeviceClient, createDeviceKeys } from "../../services/device/index.ts";
import { freePort } from "../../services/network/embedded-chain.ts";
import { temporaryHome, threadline, up } from "../support/threadline.ts";
import type { RunningNetwork } from "../support/threadline.ts";

const GIAI = "9506000134CRASH1";
const CHAIN_OF_IDENTITY = "CHA999926000077";
const FIRST_EVENT = Date.UTC(2026, 5, 1, 8) / 1000;
const EVENTS = 60;
const READINGS = 700;

/**
 * The promise under kill −9: at-least-once delivery, exactly-once effect. Clients keep posting and streaming while the
 * node, and once its chain too, is killed again and again; nothing acknowledged may be lost, nothing recorded twice.
 */
describe("a network killed at any moment", () => {
  const home = temporaryHome();
  let network: RunningNetwork | undefined;

  afterAll(async () => {
    await network?.stop().catch(() => undefined);
    rmSync(home, { recursive: true, force: true });
  });

  it("keeps every acknowledged event, reading and proof, once", async () => {
    const ports = {
      THREADLINE_HTTP_PORT: String(await freePort("127.0.0.1")),
      THREADLINE_MQTT_PORT: String(await freePort("127.0.0.1")),
      THREADLINE_RPC_PORT: String(await freePort("127.0.0.1")),
    };
    network = await up(home, ports);
    const { operatorKey } = JSON.parse(readFileSync(join(home, "secrets.json"), "utf8")) as { operatorKey: string };
    const operator = createApiClient(network.httpUrl, operatorKey);
    const { apiKey } = await operator.must(
      operator.post<{ apiKey: string }>("/participants", { gln: GLN, name: "Crash Courier", roles: ["logistics-provider", "treatment-centre"] }),
    );
    const courier = createApiClient(network.httpUrl, apiKey);
    const keys = createDeviceKeys();
    await operator.must(
      operator.post("/devices", {
        giai: GIAI,
        owner: GLN,
        publicKey: keys.signingKey.publicKey.map(String),
        messageKey: keys.messageKey.publicJwk,
        keyEpoch: 1,
        attestation: "device",
        calibratedFrom: "2026-01-01T00:00:00Z",
        calibratedUntil: "2030-01-01T00:00:00Z",
      }),
    );
    await operator.must(operator.post("/flows", DRILL_FLOW));
    const { journeyId } = await courier.must(
      courier.post<{ journeyId: string }>("/journeys", { chainOfIdentity: CHAIN_OF_IDENTITY, flow: { name: DRILL_FLOW.name, version: 1 } }),
    );
    const start = Math.floor(Date.now() / 1000) - READINGS * 60;
    await courier.must(courier.post(`/journeys/${journeyId}/legs/road/device`, { giai: GIAI, assignedFrom: new Date((start - 600) * 1000).toISOString() }));
    const { token } = await operator.must(operator.get<{ token: string }>(`/devices/${encodeURIComponent(GIAI)}/broker-token`));
    const device = createDeviceClient({
      brokerUrl: network.mqttUrl,
      giai: GIAI,
      ownerGln: GLN,
      keys,
      keyEpoch: 1,
      username: GIAI,
      password: token,
      readingsPerMessage: 5,
      resendSeconds: 1,
    });
    await device.assignment({ timeoutSeconds: 30 });

    const acknowledged = new Set<string>();
    const posting = postUntilAcknowledged(courier, acknowledged);
    const streaming = (async () => {
      for (let index = 0; index < READINGS; index += 5) {
        const handful = Array.from({ length: 5 }, (_, place) => ({ timeSeconds: start + (index + place) * 60, temperatureCelsius: 5, tiltDegrees: 3 }));
        await device.publishReadings(handful);
        await sleep(20);
      }
      await device.seal();
    })();

    for (const [round, milliseconds] of [700, 1_900, 350].entries()) {
      await sleep(milliseconds);
      await network.kill();
      if (round === 1) killChain(home);
      network = await up(home, ports);
    }
    await Promise.all([posting, streaming]);
    await device.drained(120);
    await device.close();
    expect(acknowledged.size).toBe(EVENTS);

    await settled(operator, journeyId);
    const { eventCount, readingsReceived } = (await operator.must(operator.get(`/journeys/${journeyId}`))) as { eventCount: number; readingsReceived: number };
    expect(eventCount).toBe(EVENTS);
    expect(readingsReceived).toBe(READINGS);
    const { segments } = await operator.must(operator.get<{ segments: { ledger: unknown }[] }>(`/journeys/${journeyId}/proofs`));
    expect(segments.length).toBe(Math.ceil(READINGS / 157));
    expect(segments.every((segment) => segment.ledger !== null), JSON.stringify(segments)).toBe(true);
    const { exceptions } = await operator.must(operator.get<{ exceptions: { code: string; class: string }[] }>(`/journeys/${journeyId}/exceptions`));
    expect(exceptions.filter((exception) => exception.code === "sensor-gap" || exception.code === "signature-invalid")).toEqual([]);

    const environment = { THREADLINE_HOME: home };
    const audit = await threadline(["audit", "replay", journeyId, "--json"], environment);
    expect(JSON.parse(audit.stdout).divergences, audit.stderr).toEqual([]);
    expect(JSON.parse(audit.stdout).events).toHaveLength(EVENTS);
    const digest = await threadline(["state-digest", "--json"], environment);
    expect(JSON.parse(digest.stdout).equal, digest.stderr).toBe(true);
  });
});

/** A client that retries until it has its answer: the same document every time, so a lost answer is harmless. */
async function postUntilAcknowledged(client: ReturnType<typeof createApiClient>, acknowledged: Set<string>): Promise<void> {
  for (let number = 0; number < EVENTS; number++) {
    const document = drillDocument(CHAIN_OF_IDENTITY, "check", FIRST_EVENT + number, number);
    for (;;) {
      try {
        const answer = await client.post("/capture", document);
        if (answer.status === 202) break;
        if (answer.status < 500) throw new Error(`capture refused: ${JSON.stringify(answer.body)}`);
      } catch (error) {
        if (error instanceof Error && error.message.startsWith("capture refused")) throw error;
      }
      await sleep(100);
    }
    acknowledged.add(String(number));
    await sleep(40);
  }
}

async function settled(operator: ReturnType<typeof createApiClient>, journeyId: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const { pendingOperations } = await operator.must(operator.get<{ pendingOperations: number }>(`/journeys/${journeyId}`));
    const { segments } = await operator.must(operator.get<{ segments: { ledger: unknown }[] }>(`/journeys/${journeyId}/proofs`));
    if (pendingOperations === 0 && segments.every((segment) => segment.ledger !== null)) return;
    if (Date.now() > deadline) throw new Error(`not settled: ${pendingOperations} operations, ${JSON.stringify(segments)}`);
    await sleep(200);
  }
}

function killChain(home: string): void {
  const { pid } = JSON.parse(readFileSync(join(home, "processes", "chain.json"), "utf8")) as { pid: number };
  process.kill(pid, "SIGKILL");
}
