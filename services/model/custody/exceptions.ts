/** Classes of an exception; the place in this list is the number in `IExceptionRegister.Class`. */
export const EXCEPTION_CLASSES = ["informational", "minor", "major", "critical"] as const;

export type ExceptionClass = (typeof EXCEPTION_CLASSES)[number];

export { EXCEPTION_CATALOGUE, catalogueEntry, classOf } from "./exception-catalogue.ts";
export type { CatalogueEntry, ExceptionCode } from "./exception-catalogue.ts";

/** Whether an exception of this class holds a release until it is resolved or accepted. */
export function holdsRelease(exceptionClass: ExceptionClass): boolean {
  return exceptionClass === "critical" || exceptionClass === "major";
}
