import { z } from "zod";
import { isUri } from "./primitives.ts";

/**
 * An object with the named fields and, besides them, only namespaced extensions (`prefix:name` or a full URI).
 * Whether a prefix is declared is judged with the document's context, after the shape.
 */
export function extensible<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.looseObject(shape).superRefine((value, issues) => {
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(shape, key) && !isUri(key)) {
        issues.addIssue({
          code: "custom",
          path: [key],
          message: `"${key}" is no field of EPCIS 2.0 here; an extension needs a prefix declared in @context`,
        });
      }
    }
  });
}
