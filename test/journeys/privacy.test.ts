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
const AUDITOR = "9506000149301";

it("shows one field, grants and revokes access, exports a journey, erases its subject, and still verifies what the chain holds", async () => {
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

  const auditor = await operator.must(operator.post<{ apiKey: string }>("/participants", { gln: AUDITOR, name: "Outside auditor", roles: ["apheresis-centre"] }));
  const asAuditor = (...words: string[]) => threadline(words, { THREADLINE_HOME: home, THREADLINE_API_KEY: auditor.apiKey });
  const asCourier = (...words: string[]) => threadline(words, { THREADLINE_HOME: home, THREADLINE_API_KEY: apiKey });
  const keyFile = join(home, "auditor.jwk.json");
  expect((await asAuditor("access", "open", journeyId, "--key", keyFile)).exitCode).not.toBe(0);
  const key = await asAuditor("access", "make-key", keyFile);
  expect(key.exitCode, key.stderr).toBe(0);
  const granted = await asCourier("access", "grant", journeyId, "--recipient", AUDITOR);
  expect(granted.exitCode, granted.stderr).toBe(0);
  const { grantId } = JSON.parse(granted.stdout) as { grantId: string };
  type Grants = { grants: { recorded: boolean; revocationRecorded: boolean }[] };
  const grants = async () => (await courier.must(courier.get<Grants>(`/journeys/${journeyId}/grants`))).grants;
  await until("the grant on the ledger", async () => (await grants())[0]?.recorded === true, 100);
  const opened = await asAuditor("access", "open", journeyId, "--key", keyFile);
  expect(opened.exitCode, opened.stderr).toBe(0);
  const seen = JSON.parse(opened.stdout) as { events: { content: { eventId: string; body: string } }[] };
  expect(seen.events.map(({ content }) => content.eventId)).toEqual([eventId]);
  expect(seen.events[0]?.content.body).toContain(COI);
  expect((await asAuditor("export", journeyId, "--out", join(home, "not-theirs"))).exitCode).not.toBe(0);
  expect((await asCourier("access", "revoke", journeyId, grantId)).exitCode).toBe(0);
  expect((await asAuditor("access", "open", journeyId, "--key", keyFile)).exitCode).not.toBe(0);
  await until("the revocation on the ledger", async () => (await grants())[0]?.revocationRecorded === true, 100);
  expect((await courier.post(`/journeys/${journeyId}/grants/${grantId}/revocation`, {})).status).toBe(409);
  await courier.must(courier.post("/capture", drillDocument(COI, "check", Math.floor(Date.now() / 1000), 2)));
  await until("the second event on the ledger", async () => (await events()).events[1]?.sequence === 1, 100);

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
