import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv";
import type { Answered, Json } from "./support.ts";

export type ConformanceCheck = (method: string, path: string, answered: Answered) => void;

const DOCUMENT_ID = "https://threadline.example/openapi.json";

/** Holds every answer to what the API's own document promises: a status it names, a body of its schema. */
export function createConformanceCheck(document: Json): ConformanceCheck {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: DOCUMENT_ID, ...document });
  const validators = new Map<string, ValidateFunction>();
  const templates = Object.keys(document.paths).map((template) => ({
    template,
    pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+").replaceAll(/[.$]/g, "\\$&")}$`),
  }));

  function validatorOf(
    template: string,
    method: string,
    status: number,
    mediaType: string,
  ): ValidateFunction | undefined {
    const key = `${template} ${method} ${status} ${mediaType}`;
    const known = validators.get(key);
    if (known !== undefined) return known;
    const { responses } = document.paths[template][method];
    const code = status in responses ? String(status) : "default";
    if (code === "default" && status < 400)
      throw new Error(`${method} ${template} answered ${status}, which its document does not name`);
    if (responses[code].content?.[mediaType]?.schema === undefined) return undefined;
    const pointer = ["paths", template, method, "responses", code, "content", mediaType, "schema"]
      .map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")))
      .join("/");
    const validator = ajv.compile({ $ref: `${DOCUMENT_ID}#/${pointer}` });
    validators.set(key, validator);
    return validator;
  }

  return (method, path, { status, headers, body }) => {
    const [pathname = ""] = path.split("?");
    const exact = templates.find(({ template }) => template === pathname);
    const template = (exact ?? templates.find(({ pattern }) => pattern.test(pathname)))?.template;
    if (template === undefined || document.paths[template][method.toLowerCase()] === undefined) return;
    const mediaType = (headers.get("content-type") ?? "").split(";")[0] ?? "";
    if (!mediaType.includes("json")) return;
    const validate = validatorOf(template, method.toLowerCase(), status, mediaType);
    if (validate === undefined)
      throw new Error(`${method} ${template} answered ${status} with ${mediaType}, which its document does not name`);
    if (!validate(body))
      throw new Error(
        `${method} ${template} ${status} is not as documented: ${ajv.errorsText(validate.errors)}: ${JSON.stringify(body).slice(0, 400)}`,
      );
  };
}
