import { renderVerify } from "../../verification/render.ts";
import { verifyJourney } from "../../verification/verify.ts";
import { chainOf } from "../endpoints.ts";
import { printJson } from "../print.ts";

/** The regulator's check: nothing but an RPC endpoint and contract addresses. */
export async function verify(journeyId: string, options: { json?: boolean; rpc?: string; addresses?: string }): Promise<number> {
  const report = await verifyJourney({ ...chainOf(options), journeyId });
  if (options.json === true) printJson(report);
  else process.stdout.write(renderVerify(report));
  return report.exitCode;
}
