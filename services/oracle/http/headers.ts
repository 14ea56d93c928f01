import type { RequestHandler } from "express";
import { THREADLINE_NAMESPACE } from "../../model/epcis/index.ts";

/** Headers that keep a browser from doing more with an answer than reading it. */
export const securityHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
  });
  next();
};

/** Versions and limits every EPCIS answer names (EPCIS 2.0, REST interface, discovery headers). */
export function epcisHeaders(limits: { captureEvents: number; bodyBytes: number }): Record<string, string> {
  return {
    "GS1-EPCIS-Version": "2.0.0",
    "GS1-EPCIS-Min": "2.0.0",
    "GS1-EPCIS-Max": "2.0.0",
    "GS1-CBV-Version": "2.0.0",
    "GS1-CBV-Min": "2.0.0",
    "GS1-CBV-Max": "2.0.0",
    "GS1-Extensions": `threadline=${THREADLINE_NAMESPACE}`,
    "GS1-EPC-Format": "No_Preference",
    "GS1-CBV-XML-Format": "No_Preference",
    "GS1-EPCIS-Capture-Limit": String(limits.captureEvents),
    "GS1-EPCIS-Capture-File-Size-Limit": String(limits.bodyBytes),
  };
}
