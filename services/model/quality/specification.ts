import { keccak256, toUtf8Bytes } from "ethers";
import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";
import { poseidonChain } from "../condition/poseidon.ts";
import { criterionOf, decimalSchema, MOST_DECIMALS, UNUSED_CRITERION } from "./criterion.ts";
import { BATCH_RELEASE } from "./signals.generated.ts";

/** Tests and phases one specification may have. */
export const MOST_TESTS: number = BATCH_RELEASE.parameters.tests;
export const MOST_PHASES: number = BATCH_RELEASE.parameters.phases;

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "a name is lower-case letters, digits and hyphens");
/** Tests and phases bear the names a manufacturer gives them, such as viabilityPercent. */
const itemName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/, "a name is letters, digits and hyphens");
const title = z.string().min(1).max(120);

const everyTest = {
  test: itemName,
  title,
  /** Without a result of this test there is no release. */
  mandatory: z.boolean(),
  /** The result comes after the first stage of a two-stage release (EU GMP Part IV), for instance sterility. */
  late: z.boolean().default(false),
};

const numericTestSchema = z.strictObject({
  ...everyTest,
  kind: z.literal("numeric"),
  /** UCUM code; results in another unit are refused, never converted. */
  unit: z.string().regex(/^[\x21-\x7e]{1,40}$/, "a unit is a UCUM code of printable ASCII without spaces"),
  /** Digits behind the point that a result and a limit may have. */
  decimals: z.int().min(0).max(MOST_DECIMALS),
  /** Limits are inclusive, decimal text; a limit that is absent is open. */
  minimum: decimalSchema.optional(),
  maximum: decimalSchema.optional(),
});

const qualitativeTestSchema = z.strictObject({ ...everyTest, kind: z.literal("qualitative"), expected: z.enum(["negative", "positive"]) });

const specifiedTestSchema = z.discriminatedUnion("kind", [numericTestSchema, qualitativeTestSchema]);

/**
 * A release specification (ICH Q6B: tests, procedures and acceptance criteria): which tests with which criteria, and which phases
 * of the recipe (ISA-88), in order. Every limit a batch is judged by stands here, none in code. An empty one cannot be
 * written: at least one test is mandatory, and there is at least one phase.
 */
export const specificationSchema = z
  .strictObject({
    name,
    version: z.int().min(1).max(0xffff),
    /** Keccak-256 of the master recipe's canonical document. */
    recipeHash: z.string().regex(/^0x[0-9a-f]{64}$/, "a hash is 0x and 64 lower-case hexadecimal digits"),
    tests: z.array(specifiedTestSchema).min(1).max(MOST_TESTS),
    phases: z.array(z.strictObject({ phase: itemName, title })).min(1).max(MOST_PHASES),
  })
  .superRefine((specification, context) => {
    const refuse = (path: (string | number)[], message: string): void => context.addIssue({ code: "custom", path, message });
    refuseRepeated(specification.tests.map(({ test }) => test), (place, test) => refuse(["tests", place, "test"], `the test ${test} stands here twice`));
    refuseRepeated(specification.phases.map(({ phase }) => phase), (place, phase) => refuse(["phases", place, "phase"], `the phase ${phase} stands here twice`));
    specification.tests.forEach((test, place) => {
      try {
        criterionOf(test);
      } catch (error) {
        refuse(["tests", place], (error as Error).message);
      }
    });
    for (const stage of RELEASE_STAGES)
      if (!specification.tests.some((test) => isMandatoryAt(test, stage))) refuse(["tests"], `no test is mandatory at the ${stage} stage: a batch without any result would pass`);
  });

export type Specification = z.output<typeof specificationSchema>;
export type SpecifiedTest = z.output<typeof specifiedTestSchema>;

/** Two-stage release: late tests are demanded at the final stage only. A specification without late tests has equal stages. */
export const RELEASE_STAGES = ["first", "final"] as const;
export type ReleaseStage = (typeof RELEASE_STAGES)[number];

/** Whether a batch without a result of this test fails at this stage. */
export function isMandatoryAt(test: Pick<SpecifiedTest, "mandatory" | "late">, stage: ReleaseStage): boolean {
  return test.mandatory && (stage === "final" || !test.late);
}

/** The document as it is hashed: canonical JSON of the specification with its defaults filled in. */
export function specificationDocument(specification: Specification): string {
  return canonicalJson(specification);
}

/** Keccak-256 of the canonical document: what flows and the ledger name a specification by. */
export function specificationDocumentHash(specification: Specification): string {
  return keccak256(toUtf8Bytes(specificationDocument(specification)));
}

/** The hash's top 253 bits, which fit a field element. */
export function specificationDigest(specification: Specification): bigint {
  return BigInt(specificationDocumentHash(specification)) >> 3n;
}

/** Criteria as the circuit judges them, in its fixed number. */
export interface CircuitCriterion {
  /** 64 bits: scaled decimal with an offset of 2^63; 0 = none. */
  minimum: bigint;
  /** 64 bits; 2^64 - 1 = none. */
  maximum: bigint;
  isMandatory: boolean;
}

/** The criteria of all tests in the document's order; unused places have one that nothing meets. */
export function circuitCriteria(specification: Specification, stage: ReleaseStage): CircuitCriterion[] {
  return Array.from({ length: MOST_TESTS }, (_, place) => {
    const test = specification.tests[place];
    return test === undefined ? { ...UNUSED_CRITERION, isMandatory: false } : { ...criterionOf(test), isMandatory: isMandatoryAt(test, stage) };
  });
}

/**
 * Poseidon chain over the document's digest and the packed criteria: the twin of
 * circuits/lib/specification-commitment.circom. Each stage has a commitment of its own.
 */
export function specificationCommitment(specification: Specification, stage: ReleaseStage = "final"): bigint {
  const packed = circuitCriteria(specification, stage).map(({ minimum, maximum, isMandatory }) => minimum | (maximum << 64n) | (isMandatory ? 1n << 128n : 0n));
  return poseidonChain([specificationDigest(specification), ...packed]);
}

function refuseRepeated(names: string[], refuse: (place: number, name: string) => void): void {
  names.forEach((item, place) => {
    if (names.indexOf(item) !== place) refuse(place, item);
  });
}
