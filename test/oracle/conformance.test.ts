import { describe, expect, it } from "vitest";
import { createConformanceCheck } from "./conformance.ts";

const document = {
  openapi: "3.1.0",
  info: { title: "sample", version: "1" },
  paths: {
    "/things/{id}": {
      get: {
        responses: {
          200: {
            content: {
              "application/json": {
                schema: {
                  type: "object",
                  required: ["id"],
                  properties: { id: { type: "string" } },
                  additionalProperties: false,
                },
              },
            },
          },
          default: { content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } } },
        },
      },
    },
  },
  components: { schemas: { Problem: { type: "object", required: ["type"] } } },
};

describe("the conformance check the API tests run under", () => {
  const check = createConformanceCheck(document);
  const answer =
    (status: number, body: unknown, mediaType = "application/json") =>
    () =>
      check("GET", "/things/7?x=1", {
        status,
        body,
        headers: new Headers({ "content-type": `${mediaType}; charset=utf-8` }),
      });

  it("passes what is documented", () => {
    expect(answer(200, { id: "7" })).not.toThrow();
    expect(answer(404, { type: "urn:x" }, "application/problem+json")).not.toThrow();
  });

  it("fails on another body, status or media type", () => {
    expect(answer(200, { id: 7 })).toThrow(/not as documented/);
    expect(answer(200, { id: "7", secret: true })).toThrow(/not as documented/);
    expect(answer(201, { id: "7" })).toThrow(/does not name/);
    expect(answer(404, { title: "no type" }, "application/problem+json")).toThrow(/not as documented/);
    expect(answer(404, { type: "urn:x" })).toThrow(/does not name/);
  });
});
