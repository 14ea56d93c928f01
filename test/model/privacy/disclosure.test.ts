import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import fc from "fast-check";
import { hexlify, keccak256, toUtf8Bytes } from "ethers";
import { describe, expect, it } from "vitest";
import {
  discloseFields,
  eventCommitment,
  eventLeaves,
  fastKeccak,
  fieldDisclosureProblems,
  LEAF_ENCODING,
  parseFieldDisclosure,
} from "../../../services/model/privacy/index.ts";
import { present } from "../../support/present.ts";

const eventHash = new Uint8Array(32).fill(7);
const salt = new Uint8Array(32).fill(9);
const journeyId = `0x${"11".repeat(32)}`;
const body = {
  type: "ObjectEvent",
  eventTime: "2026-03-02T08:00:00Z",
  epcList: ["urn:epc:id:sgtin:9506000.013430.1", "urn:epc:id:sgtin:9506000.013430.2"],
  "threadline:weightKilograms": 81.0625,
  "a/b~c": null,
  sensorElementList: [],
};
const text = { body: JSON.stringify(body), context: JSON.stringify(["https://example.org/context"]) };
const event = { eventHash, text, salt };
const commitment = eventCommitment(eventHash, text, salt);

const json = fc.jsonValue({ maxDepth: 3 });

describe("the commitment of an event", () => {
  it("is the root of OpenZeppelin's standard tree, for any event", async () => {
    const keccak = await fastKeccak();
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), json, fc.uint8Array({ minLength: 32, maxLength: 32 }), (object, context, anySalt) => {
        const anyText = { body: JSON.stringify(object), context: JSON.stringify(context) };
        const leaves = eventLeaves(eventHash, anyText, anySalt).map((leaf) => [leaf.path, leaf.value, hexlify(leaf.salt)]);
        const root = StandardMerkleTree.of(leaves, LEAF_ENCODING).root;
        expect(eventCommitment(eventHash, anyText, anySalt)).toBe(root);
        expect(eventCommitment(eventHash, anyText, anySalt, keccak)).toBe(root);
      }),
      { numRuns: 60 },
    );
  });

  it("binds event hash, exact text, context, every field and the salt", () => {
    const others = [
      eventCommitment(new Uint8Array(32).fill(8), text, salt),
      eventCommitment(eventHash, { ...text, body: ` ${text.body}` }, salt),
      eventCommitment(eventHash, { ...text, context: "null" }, salt),
      eventCommitment(eventHash, { ...text, body: text.body.replace("81.0625", "82") }, salt),
      eventCommitment(eventHash, text, new Uint8Array(32).fill(10)),
    ];
    expect(new Set([commitment, ...others]).size).toBe(6);
  });

  it("gives every leaf its path as a JSON pointer, empty lists and strange names included", () => {
    expect(eventLeaves(eventHash, text, salt).map(({ path, value }) => [path, value])).toEqual([
      ["text", expect.stringContaining(hexlify(eventHash))],
      ["context", '["https://example.org/context"]'],
      ["/type", '"ObjectEvent"'],
      ["/eventTime", '"2026-03-02T08:00:00Z"'],
      ["/epcList/0", '"urn:epc:id:sgtin:9506000.013430.1"'],
      ["/epcList/1", '"urn:epc:id:sgtin:9506000.013430.2"'],
      ["/threadline:weightKilograms", "81.0625"],
      ["/a~1b~0c", "null"],
      ["/sensorElementList", "[]"],
    ]);
  });

  it("refuses a salt that is not 32 bytes", () => {
    expect(() => eventCommitment(eventHash, text, new Uint8Array(31))).toThrow("32 bytes, not 31");
  });
});

describe("a disclosure of fields", () => {
  it("shows what was asked for and nothing else, and opens the commitment", () => {
    const document = parseFieldDisclosure(JSON.parse(JSON.stringify(discloseFields(journeyId, event, ["/epcList", "/eventTime"]))));
    expect(document.leaves.map(({ path }) => path)).toEqual(["/eventTime", "/epcList/0", "/epcList/1"]);
    expect(fieldDisclosureProblems(document, commitment)).toEqual([]);
    expect(JSON.stringify(document)).not.toContain("81.0625");
  });

  it("opens for every single leaf of any event", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), json, { minKeys: 1 }), (object) => {
        const any = { eventHash, salt, text: { body: JSON.stringify(object), context: "null" } };
        const paths = eventLeaves(eventHash, any.text, salt).map(({ path }) => path);
        const document = discloseFields(journeyId, any, paths);
        expect(document.leaves.map(({ path }) => path)).toEqual(paths);
        expect(fieldDisclosureProblems(document, eventCommitment(eventHash, any.text, salt))).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it("tells neither the event's salt nor another leaf's", () => {
    const shown = present(discloseFields(journeyId, event, ["/eventTime"]).leaves[0]);
    const salts = eventLeaves(eventHash, text, salt).map((leaf) => hexlify(leaf.salt));
    expect(new Set(salts).size).toBe(salts.length);
    expect(salts).toContain(shown.salt);
    expect(salts).not.toContain(hexlify(salt));
    expect(JSON.stringify(shown)).not.toContain(hexlify(salt).slice(2));
    // What the shown salt could be used for: to derive another leaf's salt in the event's way. It yields none.
    const derived = eventLeaves(eventHash, text, Buffer.from(shown.salt.slice(2), "hex")).map((leaf) => hexlify(leaf.salt));
    expect(derived.filter((each) => salts.includes(each))).toEqual([]);
  });

  it("refuses paths the event has nothing at, and no path at all", () => {
    expect(() => discloseFields(journeyId, event, ["/eventTime", "/nothing"])).toThrow("nothing at /nothing");
    expect(() => discloseFields(journeyId, event, ["/epc"])).toThrow("nothing at /epc");
    expect(() => discloseFields(journeyId, event, [])).toThrow("no path");
  });

  const genuine = discloseFields(journeyId, event, ["/eventTime"]);
  const leaf = present(genuine.leaves[0]);
  const forged = (change: Partial<typeof leaf>) => ({ ...genuine, leaves: [{ ...leaf, ...change }] });

  it.each([
    ["another value", forged({ value: '"2026-03-02T09:00:00Z"' })],
    ["another field's name", forged({ path: "/recordTime" })],
    ["another salt", forged({ salt: `0x${"00".repeat(32)}` })],
    ["a proof cut short", forged({ proof: leaf.proof.slice(1) })],
    ["a proof made longer", forged({ proof: [...leaf.proof, leaf.proof[0] ?? ""] })],
    ["the same value written otherwise", forged({ value: ` ${leaf.value}` })],
  ])("is refused with %s", (_, document) => {
    expect(fieldDisclosureProblems(document, commitment)).not.toEqual([]);
  });

  it("cannot pass an inner node off as a leaf: a leaf is hashed twice, over more than two hashes", () => {
    const tree = StandardMerkleTree.of(
      eventLeaves(eventHash, text, salt).map(({ path, value, salt: own }) => [path, value, hexlify(own)]),
      LEAF_ENCODING,
    );
    const nodes = tree.dump().tree;
    const [left, right] = [nodes[1] ?? "", nodes[2] ?? ""].sort();
    expect(keccak256(`${left}${(right ?? "").slice(2)}`)).toBe(tree.root);
    const posed = forged({ path: "", value: JSON.stringify(`${left}${right}`), salt: `0x${"00".repeat(32)}`, proof: [] });
    expect(fieldDisclosureProblems(posed, tree.root)).not.toEqual([]);
    expect(keccak256(keccak256(toUtf8Bytes(`${left}${right}`)))).not.toBe(tree.root);
  });

  it("is refused for another commitment, with a field twice, and with nothing shown", () => {
    expect(fieldDisclosureProblems(genuine, `0x${"22".repeat(32)}`)).not.toEqual([]);
    expect(fieldDisclosureProblems({ ...genuine, leaves: [leaf, leaf] }, commitment)).toEqual(['"/eventTime" is shown twice']);
    expect(() => parseFieldDisclosure({ ...genuine, leaves: [] })).toThrow("leaves");
    expect(() => parseFieldDisclosure({ ...genuine, more: 1 })).toThrow("more");
  });
});
