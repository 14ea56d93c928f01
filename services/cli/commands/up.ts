import { projectRoot } from "../../../scripts/build/ensure-built.ts";
import { createNetwork } from "../../network/network.ts";
import { networkSettings } from "../../network/settings.ts";
import { createProgress, printJson } from "../print.ts";

/** Runs a network until SIGINT or SIGTERM. Killed, it goes on from what was durable at the next start. */
export async function up(options: { json?: boolean }): Promise<number> {
  const progress = createProgress();
  const settings = networkSettings(process.env, projectRoot);
  const parts = 7;
  let started = 0;
  const network = await createNetwork(settings, (line) => progress.step(++started, parts, `starting: ${line}`));
  progress.done();
  const endpoints = {
    httpUrl: network.httpUrl,
    documentation: `${network.httpUrl}/docs`,
    mqttUrl: network.mqttUrl,
    rpcUrl: network.rpcUrl,
    database: network.database,
    home: settings.home,
    addresses: network.addresses,
  };
  if (options.json === true) printJson(endpoints);
  else
    process.stdout.write(
      [
        "Threadline is up. Stop it with Ctrl-C; its state stays.",
        `  API            ${endpoints.httpUrl}`,
        `  documentation  ${endpoints.documentation}`,
        `  broker         ${endpoints.mqttUrl}`,
        `  chain          ${endpoints.rpcUrl}`,
        `  database       ${endpoints.database}`,
        `  home           ${endpoints.home} (operator key in secrets.json)`,
        ...Object.entries(network.addresses).map(([name, address]) => `  ${address}  ${name}`),
        "",
      ].join("\n"),
    );
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  await network.close();
  return 0;
}
