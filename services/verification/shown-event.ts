import { eventTarget, THREADLINE_NAMESPACE } from "../model/epcis/index.ts";
import type { EpcisEvent } from "../model/epcis/index.ts";
import { fieldDisclosureProblems } from "../model/privacy/disclosure.ts";
import type { FieldDisclosure } from "../model/privacy/disclosure.ts";
import { CONTEXT_PATH } from "../model/privacy/event-leaves.ts";

/** What the shown fields of an event say, each held to the commitment. */
export interface ShownEvent {
  /** The fields shown; a list has only its shown members. */
  event: EpcisEvent;
  /** Step of the flow, when its field is shown. */
  step: string | null;
  showsStep: boolean;
}

/** Throws RangeError naming what keeps the fields from being those of the commitment. */
export function readShownEvent(shown: FieldDisclosure, commitment: string): ShownEvent {
  const problems = fieldDisclosureProblems(shown, commitment);
  if (problems.length > 0) throw new RangeError(problems.join("; "));
  const root: Tree = {};
  let context: unknown = null;
  for (const { path, value } of shown.leaves) {
    if (path === CONTEXT_PATH) context = JSON.parse(value) as unknown;
    else if (path.startsWith("/")) place(root, path.slice(1).split("/").map(unescapeKey), JSON.parse(value));
  }
  const event = lists(root) as EpcisEvent;
  if (typeof event.type !== "string" || typeof event.eventTime !== "string")
    throw new RangeError("neither type nor time of the event is shown");
  const { step } = eventTarget(event, context);
  const mayHoldStep = Object.keys(event).some((name) => name.endsWith(":step") || name === `${THREADLINE_NAMESPACE}step`);
  return { event, step: step ?? null, showsStep: step !== undefined || mayHoldStep };
}

interface Tree {
  [key: string]: unknown;
}

function place(tree: Tree, [key = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    Object.defineProperty(tree, key, { value, enumerable: true, configurable: true, writable: true });
    return;
  }
  const below = Object.hasOwn(tree, key) ? tree[key] : {};
  const branch = typeof below === "object" && below !== null ? (below as Tree) : {};
  Object.defineProperty(tree, key, { value: branch, enumerable: true, configurable: true, writable: true });
  place(branch, rest, value);
}

/** Objects whose keys are all places become lists again. */
function lists(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const members = Object.entries(value).map(([key, member]) => [key, lists(member)] as const);
  const isList = members.length > 0 && members.every(([key]) => /^\d+$/.test(key));
  return isList ? members.map(([, member]) => member) : Object.fromEntries(members);
}

function unescapeKey(key: string): string {
  return key.replaceAll("~1", "/").replaceAll("~0", "~");
}
