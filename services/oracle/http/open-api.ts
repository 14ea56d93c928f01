import { z } from "zod";
import { ACCESS } from "./access.ts";
import type { Operation } from "./operation.ts";

interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required: boolean;
  schema: unknown;
}

/** The OpenAPI 3.1 document of the operations served; nothing in it is written by hand a second time. */
export function openApiDocument(operations: readonly Operation[], version: string, url: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const served of operations)
    paths[served.path] = { ...paths[served.path], [served.method]: operationDocument(served) };
  return {
    openapi: "3.1.0",
    info: {
      title: "Threadline oracle",
      version,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      description:
        "Chain of identity, custody and condition of cell and gene therapies. Custody events follow GS1 EPCIS 2.0 " +
        "and CBV 2.0; failures are RFC 7807 problems.",
    },
    servers: [{ url }],
    paths,
    components: {
      securitySchemes: {
        apiKey: { type: "http", scheme: "bearer", description: "API key of a participant or the operator" },
      },
      schemas: { Problem: z.toJSONSchema(problemSchema) },
    },
  };
}

const problemContent = { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } };

export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string(),
});

function operationDocument(served: Operation) {
  const access = ACCESS[served.operationId];
  const grantees = [
    ...(access?.operator === true ? ["operator"] : []),
    ...(access?.participants === "any" ? ["any participant"] : (access?.participants ?? [])),
  ];
  return {
    operationId: served.operationId,
    tags: [served.tag],
    summary: served.summary,
    description: access?.open === true ? "Open to all." : `Who may call: ${grantees.join(", ")}.`,
    security: access?.open === true ? [] : [{ apiKey: [] }],
    parameters: [
      ...parametersOf("path", served.parameters),
      ...parametersOf(
        "query",
        served.queryDocument ?? (served.query instanceof z.ZodObject ? served.query : undefined),
      ),
    ],
    ...(served.body === undefined ? {} : { requestBody: requestBodyOf(served) }),
    responses: responsesOf(served),
  };
}

function parametersOf(place: "path" | "query", schema: z.ZodObject | undefined): Parameter[] {
  if (schema === undefined) return [];
  const document = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const required = new Set(document.required ?? []);
  return Object.entries(document.properties ?? {}).map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || required.has(name),
    schema: property,
  }));
}

function requestBodyOf(served: Operation) {
  const schema = jsonSchema(served.bodyDocument ?? served.body ?? z.unknown(), "input");
  if (served.textMediaTypes !== undefined)
    return { required: true, content: Object.fromEntries(served.textMediaTypes.map((type) => [type, { schema }])) };
  const content = { "application/json": { schema }, ...(served.epcis ? { "application/ld+json": { schema } } : {}) };
  return { required: true, content };
}

function responsesOf(served: Operation): Record<string, unknown> {
  const responses: Record<string, unknown> = {};
  const { failures } = served;
  const failureContent =
    failures === undefined ? problemContent : { [failures.mediaType]: { schema: jsonSchema(failures.schema, "output") } };
  for (const [status, response] of Object.entries(served.responses)) {
    const failure = Number(status) >= 400;
    const content = {
      ...(response.schema === undefined
        ? {}
        : { [response.mediaType ?? "application/json"]: { schema: jsonSchema(response.schema, "output") } }),
      ...(failure ? failureContent : {}),
    };
    responses[status] = {
      description: response.description,
      ...(Object.keys(content).length === 0 ? {} : { content }),
    };
  }
  responses["default"] = {
    description: failures === undefined ? "What was wrong and what to do, RFC 7807." : "What was wrong and what to do.",
    content: failureContent,
  };
  return responses;
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): Record<string, unknown> {
  const document: Record<string, unknown> = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  delete document["$schema"];
  return document;
}
