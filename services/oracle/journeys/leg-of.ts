import { legNumber } from "../../model/custody/index.ts";
import type { FlowDefinition, FlowLeg } from "../../model/custody/index.ts";
import { problem } from "../http/problem.ts";

/** A leg of the flow by its name, with its number. Throws a problem, 404: the flow has no such leg. */
export function legOf(flow: FlowDefinition, name: string): { leg: number; definition: FlowLeg } {
  const leg = legNumber(flow, name);
  const definition = flow.legs[leg];
  if (definition === undefined) throw problem(404, "unknown-leg", `the flow "${flow.name}" has no leg "${name}"`);
  return { leg, definition };
}
