import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createApiClient } from "../../services/cli/api-client.ts";
import { DRILL_FLOW, DRILL_GLN, drillDocument } from "../../services/cli/bench/drill.ts";
import { present } from "../support/present.ts";
import { temporaryHome, threadline, up } from "../support/threadline.ts";
import type { RunningNetwork } from "../support/threadline.ts";
import { until } from "../../services/cli/bench/bench-network.ts";

const home = temporaryHome();
let network: RunningNetwork | undefined;
afterAll(async () => {
  await network?.stop().catch(() => undefined);
  rmSync(home, { recursive: true, force: true });
});

const COI = "CHA999926000088";

it("shows one field, exports a journey, erases its subject, and still verifies what the chain holds", async () => {
  network = await up(home);
  const run = (...words: string[]) => threadline(words, { THREADLINE_HOME: home });
  const { operatorKey } = JSON.parse(readFileSync(join(home, "secrets.json"), "utf8")) as { operatorKey: string };
  const operator = createApiClient(network.httpUrl, operatorKey);
  const { apiKey } = await operator.must(operator.post<{ apiKey: string }>("/participants", { gln: DRILL_GLN, name: "Courier", roles: ["logistics-provider", "treatment-centre"] }));
  const courier = createApiClient(network.httpUrl, apiKey);
  await operator.must(operator.post("/flows", DRILL_FLOW));
  const { journeyId } = await courier.must(courier.post<{ journeyId: string }>("/journeys", { chainOfIdentity: COI, flow: { name: DRILL_FLOW.name, version: 1 } }));
  await courier.must(courier.post("/capture", drillDocument(COI, "check", Math.floor(Date.now() / 1000), 1)));
  const events = () => courier.must(courier.get<{ events: { sequence: number | null; event: { eventID: string } }[] }>(`/journeys/${journeyId}/events`));
  await until("the event on the ledger", async () => (await events()).events[0]?.sequence === 0, 100);
  const eventId = present((await events()).events[0]).event.eventID;

  const shown = join(home, "shown.json");
  const made = await run("disclosure", "make", journeyId, "--event", eventId, "--paths", "/threadline:step", "--out", shown);
  expect(made.exitCode, made.stderr).toBe(0);
  expect(readFileSync(shown, "utf8")).not.toContain(COI);
  const held = await run("disclosure", "verify", shown);
  expect([held.exitCode, held.stdout], held.stderr).toEqual([0, expect.stringContaining('/threadline:step = "check"')]);
  writeFileSync(shown, readFileSync(shown, "utf8").replace('\\"check\\"', '\\"infuse\\"'));
  expect((await run("disclosure", "verify", shown)).exitCode).toBe(1);

  const archive = join(home, "archive");
  const exported = await run("export", journeyId, "--out", archive);
  expect(exported.exitCode, exported.stderr).toBe(0);
  const digest = present(/digest ([0-9a-f]{64})/.exec(exported.stdout)?.[1]);

  const erased = await run("erase", COI, "--reason", "request of the person concerned", "--batch-expiry", "2026-12-31");
  expect(erased.exitCode, erased.stderr).toBe(0);
  expect(erased.stdout).toMatch(/kept: the link .* until 2056-12-31 .*1394\/2007/);
  expect((await courier.get(`/journeys/${journeyId}/events`)).status).toBe(410);
  expect((await courier.get(`/journeys/${journeyId}/archive`)).status).toBe(410);
  const replay = await run("audit", "replay", journeyId);
  expect([replay.exitCode, replay.stdout], replay.stderr).toEqual([0, expect.stringContaining("erased bodies and salts")]);
  const verify = JSON.parse((await run("verify", journeyId, "--json")).stdout) as { checks: { name: string; status: string }[] };
  const passing = verify.checks.filter(({ status }) => status === "pass").map(({ name }) => name);
  expect(passing).toEqual(expect.arrayContaining(["contracts", "flow", "hash-chain", "signatures", "custody-rules"]));
  const digests = await run("state-digest", "--json");
  expect(digests.exitCode, digests.stdout).toBe(0);

  await network.stop();
  network = undefined;
  const offline = await run("verify-archive", archive, "--digest", digest);
  expect([offline.exitCode, offline.stdout], offline.stderr).toEqual([0, expect.stringContaining("Verdict: GENUINE")]);
});
