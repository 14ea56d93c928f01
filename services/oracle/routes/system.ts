import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, dirname } from "node:path";
import { z } from "zod";
import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import type { OracleMetrics } from "../metrics.ts";
import type { OracleParts } from "../oracle-parts.ts";

const MEDIA_TYPES = { css: "text/css", js: "text/javascript", png: "image/png" } as const;

/** Files of the readable API page; all are served from here, none from outside. */
const ASSETS: Readonly<Record<string, keyof typeof MEDIA_TYPES>> = {
  "swagger-ui.css": "css",
  "swagger-ui-bundle.js": "js",
  "favicon-32x32.png": "png",
};

const START = `window.addEventListener("load", () => SwaggerUIBundle({ url: "/openapi.json", dom_id: "#api", deepLinking: true, validatorUrl: null }));`;

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Threadline oracle</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
<link rel="icon" href="/docs/favicon-32x32.png">
</head>
<body>
<div id="api"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const PAGE_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/** Health, metrics and the description of this API: open to all, and silent about any journey. */
export function systemOperations(parts: OracleParts, metrics: OracleMetrics, document: () => unknown): Operation[] {
  const health = operation({
    operationId: "getHealth",
    method: "get",
    path: "/health",
    tag: "system",
    summary: "Whether every part of the node works",
    responses: {
      200: { description: "All parts work.", schema: healthSchema },
      503: { description: "A part does not; the problem names it." },
    },
    async handle() {
      const report = await parts.health();
      if (report.ok) return { status: 200, body: report };
      const broken = Object.entries(report.parts).flatMap(([name, part]) => (part.ok ? [] : [name]));
      throw problem(503, "unhealthy", `not working: ${broken.join(", ")}`, { ...report });
    },
  });
  const prometheus = operation({
    operationId: "getMetrics",
    method: "get",
    path: "/metrics",
    tag: "system",
    summary: "Prometheus metrics",
    responses: { 200: { description: "Text exposition format.", schema: z.string(), mediaType: "text/plain" } },
    handle: async () => ({ status: 200, body: await metrics.render(), mediaType: metrics.contentType }),
  });
  const openApi = operation({
    operationId: "getOpenApi",
    method: "get",
    path: "/openapi.json",
    tag: "system",
    summary: "This document",
    responses: { 200: { description: "OpenAPI 3.1.", schema: z.looseObject({ openapi: z.string() }) } },
    handle: () => Promise.resolve({ status: 200, body: document() }),
  });
  const docs = operation({
    operationId: "getDocs",
    method: "get",
    path: "/docs",
    tag: "system",
    summary: "This API for people",
    responses: { 200: { description: "A page.", schema: z.string(), mediaType: "text/html" } },
    handle: () =>
      Promise.resolve({
        status: 200,
        body: PAGE,
        mediaType: "text/html",
        headers: { "Content-Security-Policy": PAGE_POLICY },
      }),
  });
  const asset = operation({
    operationId: "getDocsAsset",
    method: "get",
    path: "/docs/{file}",
    tag: "system",
    summary: "Files of the page",
    parameters: z.strictObject({ file: z.string().max(60) }),
    responses: { 200: { description: "The file." }, 404: { description: "No such file." } },
    async handle({ path }) {
      if (path.file === "start.js") return { status: 200, body: START, mediaType: MEDIA_TYPES.js };
      const kind = Object.hasOwn(ASSETS, path.file) ? ASSETS[path.file] : undefined;
      if (kind === undefined) throw problem(404, "unknown-file", `no file ${path.file} belongs to the page`);
      const folder = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
      return { status: 200, body: await readFile(join(folder, path.file)), mediaType: MEDIA_TYPES[kind] };
    },
  });
  return [health, prometheus, openApi, docs, asset];
}

const healthSchema = z.looseObject({ ok: z.boolean() });
