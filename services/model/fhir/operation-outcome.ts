/** Issue codes of http://hl7.org/fhir/issue-type by HTTP status. */
const ISSUE_CODES: Readonly<Record<number, string>> = {
  400: "invalid",
  401: "login",
  403: "forbidden",
  404: "not-found",
  405: "not-supported",
  406: "not-supported",
  413: "too-long",
  415: "not-supported",
  503: "transient",
};

export interface OperationOutcome {
  resourceType: "OperationOutcome";
  issue: { severity: "error" | "warning" | "fatal"; code: string; details?: { text: string }; diagnostics: string }[];
}

/** A failure as FHIR tells it. `code` is the problem's own, kept so that programs can tell failures apart. */
export function operationOutcome(status: number, code: string, diagnostics: string): OperationOutcome {
  const issueCode = ISSUE_CODES[status] ?? (status < 500 ? "processing" : "exception");
  return {
    resourceType: "OperationOutcome",
    issue: [{ severity: status < 500 ? "error" : "fatal", code: issueCode, details: { text: code }, diagnostics }],
  };
}

/** What a search did not heed (FHIR R4, search, "Handling Errors"). */
export function ignoredParameters(names: readonly string[]): OperationOutcome {
  return {
    resourceType: "OperationOutcome",
    issue: names.map((name) => ({
      severity: "warning",
      code: "not-supported",
      diagnostics: `the search parameter "${name}" is not known here and was ignored; see metadata`,
    })),
  };
}
