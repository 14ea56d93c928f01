import { z } from "zod";
import { keccak256, toUtf8Bytes } from "ethers";
import { canonicalJson } from "../canonical-json.ts";
import { GOODS } from "../condition/mean-kinetic-temperature.ts";
import { conditionProfileSchema } from "../condition/profile.ts";
import { roleSchema } from "./roles.ts";

/** What a step does to custody; the place in this list is the number in `IFlowRegistry.Custody`. */
export const CUSTODY_ACTIONS = ["none", "take", "hold", "release", "accept"] as const;

/** Whether a step asks for an identity check; the place in this list is the number of persons. */
export const IDENTITY_CHECKS = ["none", "one-person", "two-person"] as const;

export type CustodyAction = (typeof CUSTODY_ACTIONS)[number];

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "a name is lower-case letters, digits and hyphens");

const stepSchema = z.strictObject({
  step: name,
  title: z.string().min(1).max(120),
  roles: z.array(roleSchema).min(1),
  custody: z.enum(CUSTODY_ACTIONS).default("hold"),
  /** Steps that must have been recorded before this one. */
  after: z.array(name).default([]),
  repeatable: z.boolean().default(false),
  /** Gate that must have been released before this step. */
  requiredGate: name.optional(),
  /** Time limits since other steps. */
  within: z.array(z.strictObject({ of: name, seconds: z.int().min(1).max(0xffff_ffff) })).max(2).default([]),
  /** How many persons prove at this step, in zero knowledge, that the material is still the journey's patient's. */
  identityCheck: z.enum(IDENTITY_CHECKS).default("none"),
});

const legSchema = z.strictObject({
  leg: name,
  from: name,
  to: name,
  profile: z.string(),
  /** Whether the leg goes in a qualified shipper over a qualified lane: a gate that requires the leg asks for both. */
  shipper: z.boolean().default(false),
  /** What it carries. Only of ancillary goods is a mean kinetic temperature an argument. */
  goods: z.enum(GOODS).default("live-cells"),
});

/** Time out of storage: minutes from each step that takes the material out to the next that puts it back, added up. */
const timeOutOfStorageSchema = z.strictObject({
  limit: name,
  out: z.array(name).min(1),
  back: z.array(name).min(1),
  seconds: z.int().min(1).max(0xffff_ffff),
});

const gateSchema = z.strictObject({
  gate: name,
  title: z.string().min(1).max(120),
  roles: z.array(roleSchema).min(1),
  requiredSteps: z.array(name).default([]),
  requiredLegs: z.array(name).default([]),
  requiredGates: z.array(name).default([]),
  /** Specifications of the flow that a proven batch record must have met. */
  requiredSpecifications: z.array(name).default([]),
  /** Released only with a key that a person holds, not with one that a node hosts for an integration. */
  ownKey: z.boolean().default(false),
  /** A gate that requires this one is content with an exceptional release of an out-of-specification batch instead. */
  waivedByExceptionalRelease: z.boolean().default(false),
});

/** A release specification, by the hash of its registered document. */
const specificationSchema = z.strictObject({
  name,
  documentHash: z.string().regex(/^0x[0-9a-f]{64}$/, "a hash is 0x and 64 lower-case hex digits"),
});

/**
 * A flow definition: the confirmed version of a therapy's workflow. Steps, legs and gates are numbered by their place.
 * Every limit a journey is judged by stands here, none in code.
 */
export const flowSchema = z
  .strictObject({
    name,
    version: z.int().min(1).max(0xffff),
    lateEntryToleranceSeconds: z.int().min(0).max(0xffff_ffff),
    handoverToleranceSeconds: z.int().min(0).max(0xffff_ffff),
    /**
     * In what time the authority is notified of the exceptional release of an out-of-specification batch: 48 h by the
     * EMA's questions and answers on EU GMP Part IV § 11.5. Zero: the flow provides for no exceptional release.
     */
    authorityNotificationSeconds: z.int().min(0).max(0xffff_ffff).default(172_800),
    profiles: z.array(conditionProfileSchema).max(8),
    steps: z.array(stepSchema).min(1).max(64),
    legs: z.array(legSchema).max(16).default([]),
    gates: z.array(gateSchema).max(8).default([]),
    specifications: z.array(specificationSchema).max(8).default([]),
    /** The ledger has no clock that adds up: the node enforces these, by the exception `time-out-of-storage-exceeded`. */
    timeOutOfStorage: z.array(timeOutOfStorageSchema).max(8).default([]),
  })
  .superRefine((flow, context) => {
    const known = {
      step: uniqueNames(flow.steps.map((step) => step.step), "steps", context),
      leg: uniqueNames(flow.legs.map((leg) => leg.leg), "legs", context),
      gate: uniqueNames(flow.gates.map((gate) => gate.gate), "gates", context),
      profile: uniqueNames(flow.profiles.map((profile) => profile.name), "profiles", context),
      specification: uniqueNames(flow.specifications.map((item) => item.name), "specifications", context),
    };
    const refer = (kind: keyof typeof known, value: string, ...path: (string | number)[]) => {
      if (!known[kind].has(value)) context.addIssue({ code: "custom", path, message: `no ${kind} is named "${value}"` });
    };
    flow.steps.forEach((step, index) => {
      step.after.forEach((other) => refer("step", other, "steps", index, "after"));
      step.within.forEach((limit) => refer("step", limit.of, "steps", index, "within"));
      if (step.requiredGate !== undefined) refer("gate", step.requiredGate, "steps", index, "requiredGate");
      if ([...step.after, ...step.within.map((limit) => limit.of)].includes(step.step))
        context.addIssue({ code: "custom", path: ["steps", index], message: `step "${step.step}" refers to itself` });
    });
    uniqueNames(flow.specifications.map((item) => item.documentHash), "specifications", context);
    flow.legs.forEach((leg, index) => {
      refer("step", leg.from, "legs", index, "from");
      refer("step", leg.to, "legs", index, "to");
      refer("profile", leg.profile, "legs", index, "profile");
    });
    uniqueNames(flow.timeOutOfStorage.map((item) => item.limit), "timeOutOfStorage", context);
    flow.timeOutOfStorage.forEach((limit, index) => {
      for (const step of [...limit.out, ...limit.back]) refer("step", step, "timeOutOfStorage", index);
      if (limit.out.some((step) => limit.back.includes(step)))
        context.addIssue({ code: "custom", path: ["timeOutOfStorage", index], message: "a step takes the material out or puts it back, not both" });
    });
    flow.gates.forEach((gate, index) => {
      gate.requiredSteps.forEach((step) => refer("step", step, "gates", index, "requiredSteps"));
      gate.requiredLegs.forEach((leg) => refer("leg", leg, "gates", index, "requiredLegs"));
      gate.requiredGates.forEach((other) => refer("gate", other, "gates", index, "requiredGates"));
      gate.requiredSpecifications.forEach((other) =>
        refer("specification", other, "gates", index, "requiredSpecifications"),
      );
      if (gate.requiredGates.includes(gate.gate))
        context.addIssue({ code: "custom", path: ["gates", index], message: `gate "${gate.gate}" requires itself` });
    });
  });

function uniqueNames(names: string[], path: string, context: z.core.$RefinementCtx): Set<string> {
  const seen = new Set<string>();
  names.forEach((value, index) => {
    if (seen.has(value)) context.addIssue({ code: "custom", path: [path, index], message: `"${value}" stands twice` });
    seen.add(value);
  });
  return seen;
}

export type FlowDefinition = z.output<typeof flowSchema>;
export type FlowStep = FlowDefinition["steps"][number];
export type FlowLeg = FlowDefinition["legs"][number];
export type FlowGate = FlowDefinition["gates"][number];

/** Canonical text of a flow, the one whose hash the ledger holds. */
export function flowDocument(flow: FlowDefinition): string {
  return canonicalJson(flow);
}

export function flowDocumentHash(flow: FlowDefinition): string {
  return keccak256(toUtf8Bytes(flowDocument(flow)));
}

/** Place of a named step, or -1. */
export function stepNumber(flow: FlowDefinition, step: string): number {
  return flow.steps.findIndex((candidate) => candidate.step === step);
}

export function legNumber(flow: FlowDefinition, leg: string): number {
  return flow.legs.findIndex((candidate) => candidate.leg === leg);
}

export function gateNumber(flow: FlowDefinition, gate: string): number {
  return flow.gates.findIndex((candidate) => candidate.gate === gate);
}

/** Place of a named specification in the flow, or -1. */
export function specificationNumber(flow: FlowDefinition, specification: string): number {
  return flow.specifications.findIndex((candidate) => candidate.name === specification);
}

/** Profile of a leg; a parsed flow always has it. */
export function profileOfLeg(flow: FlowDefinition, leg: FlowLeg): FlowDefinition["profiles"][number] {
  const profile = flow.profiles.find((candidate) => candidate.name === leg.profile);
  if (profile === undefined) throw new RangeError(`leg "${leg.leg}" names the unknown profile "${leg.profile}"`);
  return profile;
}
