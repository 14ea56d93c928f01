import { expandName, namespacesOf } from "../epcis/json-ld-context.ts";
import { THREADLINE_NAMESPACE } from "../epcis/event-fields.ts";
import { EVENT_TYPES } from "../epcis/event-schema.ts";
import { isDateTime } from "../epcis/primitives.ts";
import { VOCABULARIES, vocabularyUri } from "../epcis/vocabulary.ts";
import type { Vocabulary } from "../epcis/vocabulary.ts";
import { canonicalEpc } from "../identity/index.ts";
import type { EventText } from "./event-leaves.ts";

/** What a field of an event is judged by, beside its own value. */
export interface BlindingScope {
  /** Steps of the journey's flow. */
  steps: readonly string[];
  /** Everything known to name the patient or the material; a value that holds any of it is withheld wherever it stands. */
  identity: readonly string[];
}

type Rule = (value: unknown) => boolean;

const isText = (pattern: RegExp): Rule => (value) => typeof value === "string" && pattern.test(value);
const isOneOf = (words: readonly string[]): Rule => (value) => typeof value === "string" && words.includes(value);
const isNumber: Rule = (value) => typeof value === "number";
const isTime: Rule = (value) => typeof value === "string" && isDateTime(value);
const isUuid = isText(/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);
/** Party, place and room: GLN and its extension (GS1 Digital Link 414, 417, 254). */
const isPlace = isEpc(/^https:\/\/id\.gs1\.org\/(414|417)\/\d{13}(\/254\/[^/?#]{1,20})?$/);
/** What a carrier handles: shipments (SSCC), shippers (GRAI) and loggers (GIAI). */
const isAsset = isEpc(/^https:\/\/id\.gs1\.org\/(00\/\d{18}|(8003|8004)\/[^/?#]{1,30})$/);
/** Names of contexts: no room for a serial number. */
const isContextUri: Rule = (value) => typeof value === "string" && /^(https?:\/\/|urn:)/.test(value) && !/\d{4}/.test(value);

function isEpc(pattern: RegExp): Rule {
  return (value) => typeof value === "string" && pattern.test(canonicalEpc(value));
}

function isWord(vocabulary: Vocabulary): Rule {
  const uris = vocabulary.words.map((word) => vocabulary.stem + word);
  return (value) => typeof value === "string" && uris.includes(vocabularyUri(vocabulary, value));
}

/** JSON pointers of the fields that identify nobody, with `*` for a place in a list, and what their values must be like. */
const RULES: Readonly<Record<string, Rule>> = {
  "/type": isOneOf(EVENT_TYPES),
  "/action": isOneOf(["OBSERVE", "ADD", "DELETE"]),
  "/eventTime": isTime,
  "/recordTime": isTime,
  "/eventTimeZoneOffset": isText(/^[+-]\d\d:\d\d$/),
  "/eventID": isUuid,
  "/bizStep": isWord(VOCABULARIES.bizStep),
  "/disposition": isWord(VOCABULARIES.disposition),
  "/persistentDisposition/set/*": isWord(VOCABULARIES.disposition),
  "/persistentDisposition/unset/*": isWord(VOCABULARIES.disposition),
  "/readPoint/id": isPlace,
  "/bizLocation/id": isPlace,
  "/sourceList/*/type": isWord(VOCABULARIES.sourceDestination),
  "/sourceList/*/source": isPlace,
  "/destinationList/*/type": isWord(VOCABULARIES.sourceDestination),
  "/destinationList/*/destination": isPlace,
  "/parentID": isAsset,
  "/epcList/*": isAsset,
  "/childEPCs/*": isAsset,
  "/inputEPCList/*": isAsset,
  "/outputEPCList/*": isAsset,
  "/errorDeclaration/declarationTime": isTime,
  "/errorDeclaration/reason": isWord(VOCABULARIES.errorReason),
  "/errorDeclaration/correctiveEventIDs/*": isUuid,
  "/sensorElementList/*/sensorMetadata/time": isTime,
  "/sensorElementList/*/sensorMetadata/startTime": isTime,
  "/sensorElementList/*/sensorMetadata/endTime": isTime,
  "/sensorElementList/*/sensorMetadata/deviceID": isAsset,
  "/sensorElementList/*/sensorReport/*/type": isWord(VOCABULARIES.measurement),
  "/sensorElementList/*/sensorReport/*/exception": isWord(VOCABULARIES.sensorAlert),
  "/sensorElementList/*/sensorReport/*/component": isWord(VOCABULARIES.component),
  "/sensorElementList/*/sensorReport/*/deviceID": isAsset,
  "/sensorElementList/*/sensorReport/*/time": isTime,
  "/sensorElementList/*/sensorReport/*/uom": isText(/^[A-Z0-9]{2,3}$/),
  ...Object.fromEntries(
    ["value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"].map((name) => [
      `/sensorElementList/*/sensorReport/*/${name}`,
      isNumber,
    ]),
  ),
};

/** Judges fields of one event: may the one at this path, with this value, be seen by who may not see an identity? */
export type FieldJudge = (path: readonly string[], value: unknown) => boolean;

/**
 * Only what is known to identify nobody is shown: a field, an extension or a form of value that is not named here is
 * withheld. The event's hash is withheld with it, and an eventID made of it: over fields otherwise known, the few
 * thousand serial numbers of a Chain of Identity could be tried out against it.
 */
export function fieldJudge({ body, context }: EventText, scope: BlindingScope): FieldJudge {
  const event = JSON.parse(body) as Record<string, unknown>;
  const namespaces = namespacesOf(JSON.parse(context), event["@context"]);
  const known = scope.identity.filter((text) => text !== "").map((text) => text.toLowerCase());
  const namesNobody = (value: unknown) => {
    const text = JSON.stringify(value).toLowerCase();
    return !known.some((name) => text.includes(name));
  };
  return (path, value) => {
    if (!namesNobody(value)) return false;
    const [first = "", ...rest] = path;
    if (first === "@context") return rest.every((key) => /^(\d+|[a-z][a-z-]{0,30})$/.test(key)) && isContextUri(value);
    if (rest.length === 0 && expandName(first, namespaces) === `${THREADLINE_NAMESPACE}step`)
      return /^[a-z][a-z-]{0,30}:step$/.test(first) && isOneOf(scope.steps)(value);
    const pattern = `/${path.map((key) => (/^\d+$/.test(key) ? "*" : key)).join("/")}`;
    return RULES[pattern]?.(value) ?? false;
  };
}

/** Whether a document's JSON-LD context says nothing but which vocabularies are used. */
export function isPlainContext(context: unknown): boolean {
  if (Array.isArray(context)) return context.every(isPlainContext);
  if (typeof context !== "object" || context === null) return context === null || isContextUri(context);
  return Object.entries(context).every(([prefix, namespace]) => /^[a-z][a-z-]{0,30}$/.test(prefix) && isContextUri(namespace));
}
