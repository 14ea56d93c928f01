import type { RequestHandler } from "express";
import { Problem, problem } from "./problem.ts";

export const FHIR_MEDIA_TYPE = "application/fhir+json";

/** Media types and values of `_format` that mean JSON (FHIR R4, RESTful API, "Content Types and encodings"). */
const JSON_TYPES = [FHIR_MEDIA_TYPE, "application/json", "json", "text/json"];

/** Marks a request as FHIR's, so that every failure is an OperationOutcome, and refuses what the façade does not speak. */
export const fhirFacade: RequestHandler = (request, response, next) => {
  response.locals["fhir"] = true;
  if (request.method !== "GET" && request.method !== "HEAD") {
    const { body } = problem(405, "read-only", `the FHIR façade is read-only; ${request.method} is not supported`);
    throw new Problem(body, { Allow: "GET, HEAD" });
  }
  const format = new URL(request.originalUrl, "http://localhost").searchParams.get("_format");
  const isJson =
    format === null || format === ""
      ? request.accepts(FHIR_MEDIA_TYPE, "application/json") !== false
      : JSON_TYPES.includes((format.split(";")[0] ?? "").trim().replaceAll(" ", "+"));
  if (!isJson) throw problem(406, "format-not-supported", `this server answers ${FHIR_MEDIA_TYPE}`);
  next();
};
