import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { openLookup, urlProblem } from "./target.ts";
import type { WebhookSettings } from "./settings.ts";

export interface Delivery {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** Posts one delivery. Returns null when the receiver answered 2xx, else what went wrong. A redirect is not followed. */
export function sendDelivery(
  { url, headers, body }: Delivery,
  settings: Pick<WebhookSettings, "privateTargets" | "timeoutMilliseconds">,
  closing: AbortSignal,
): Promise<string | null> {
  const problem = urlProblem(url, settings.privateTargets);
  if (problem !== null) return Promise.resolve(`not sent: ${problem}`);
  const signal = AbortSignal.any([closing, AbortSignal.timeout(settings.timeoutMilliseconds)]);
  const send = url.startsWith("https:") ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const outgoing = send(
      url,
      {
        method: "POST",
        agent: false,
        signal,
        headers: { ...headers, "Content-Length": Buffer.byteLength(body), "Content-Type": "application/json" },
        ...(settings.privateTargets ? {} : { lookup: openLookup }),
      },
      (response) => {
        const { statusCode = 0 } = response;
        // What the receiver says beyond its status is neither kept nor awaited.
        response.destroy();
        resolve(statusCode >= 200 && statusCode < 300 ? null : `the receiver answered ${statusCode}`);
      },
    );
    outgoing.once("error", (error) =>
      resolve(signal.aborted && !closing.aborted ? `no answer within ${settings.timeoutMilliseconds} ms` : error.message),
    );
    outgoing.end(body);
  });
}
