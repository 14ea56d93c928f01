import { describe, expect, it } from "vitest";
import { networkSettings } from "../../services/network/settings.ts";

describe("networkSettings", () => {
  it("embeds every part when nothing is set", () => {
    expect(networkSettings({}, "/project")).toEqual({
      home: "/project/.threadline",
      host: "127.0.0.1",
      rpcUrl: undefined,
      rpcPort: 8545,
      mqttUrl: undefined,
      mqttUsername: undefined,
      mqttPassword: undefined,
      mqttVersion: 4,
      mqttPort: 1883,
      databaseUrl: undefined,
      deadLetters: { letters: 10_000, days: 90 },
      httpPort: 8080,
      trustedProxies: 0,
      proverWorkers: 1,
      webhookPrivateTargets: false,
      auditAnchorSeconds: 3_600,
      logLevel: "warn",
      relayKey: undefined,
    });
  });

  it("takes each real counterpart from one variable", () => {
    const settings = networkSettings(
      { THREADLINE_RPC_URL: "http://chain:8545", THREADLINE_MQTT_URL: "mqtt://broker", THREADLINE_DATABASE_URL: "postgres://db/threadline" },
      "/project",
    );
    expect(settings).toMatchObject({ rpcUrl: "http://chain:8545", mqttUrl: "mqtt://broker", databaseUrl: "postgres://db/threadline" });
  });

  it.each([
    [{ THREADLINE_HTTP_PORT: "70000" }, /THREADLINE_HTTP_PORT/],
    [{ THREADLINE_MQTT_VERSION: "3" }, /THREADLINE_MQTT_VERSION/],
    [{ THREADLINE_RPC_URL: "not a url" }, /THREADLINE_RPC_URL/],
    [{ THREADLINE_RELAY_KEY: "0x12" }, /THREADLINE_RELAY_KEY/],
    [{ THREADLINE_LOG_LEVEL: "loud" }, /THREADLINE_LOG_LEVEL/],
    [{ THREADLINE_WEBHOOK_PRIVATE_TARGETS: "yes" }, /THREADLINE_WEBHOOK_PRIVATE_TARGETS/],
  ])("names the variable that is wrong: %j", (environment, message) => {
    expect(() => networkSettings(environment, "/project")).toThrow(message);
  });
});
