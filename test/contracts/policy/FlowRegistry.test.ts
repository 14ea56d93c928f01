import { id, keccak256, toBeHex, toUtf8Bytes } from "ethers";
import { describe, expect, test } from "vitest";
import { flowToLedger } from "../../../services/model/custody/flow-to-ledger.ts";
import type { LedgerFlow } from "../../../services/model/custody/flow-to-ledger.ts";
import { flowDocument, flowDocumentHash } from "../../../services/model/custody/flow.ts";
import { eventsOf } from "../support/events.ts";
import { STEP, testFlow } from "../support/flow.ts";
import { expectMissingRole, expectRevert } from "../support/revert.ts";
import { useThreadline } from "../support/use-threadline.ts";

const DOCUMENT = "another document";

/** `testFlow` for the ledger with something changed in a copy of it. */
function changed(change: (flow: LedgerFlow) => void): LedgerFlow {
  const flow = flowToLedger(testFlow);
  change(flow);
  return flow;
}

function at<T>(list: T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`nothing at ${index}`);
  return item;
}

const step = (number: number, values: Partial<LedgerFlow["steps"][number]>) =>
  changed((flow) => Object.assign(at(flow.steps, number), values));
const leg = (values: Partial<LedgerFlow["legs"][number]>) => changed((flow) => Object.assign(at(flow.legs, 0), values));
const profile = (values: Partial<LedgerFlow["profiles"][number]>) =>
  changed((flow) => Object.assign(at(flow.profiles, 0), values));
const gate = (number: number, values: Partial<LedgerFlow["gates"][number]>) =>
  changed((flow) => Object.assign(at(flow.gates, number), values));

const legStartWithoutTime = changed((flow) => {
  at(flow.steps, STEP.handOver).anchor = false;
  Object.assign(at(flow.steps, STEP.deliver), { firstLimitAnchor: 0, firstLimitSeconds: 0 });
});

describe("FlowRegistry", () => {
  const threadline = useThreadline();

  test("numbers flows from 1 and emits the document", async () => {
    const { flows } = threadline();
    expect(await eventsOf(flows, flows.register(DOCUMENT, flowToLedger(testFlow)))).toEqual([
      ["FlowRegistered", 2n, id(DOCUMENT), DOCUMENT],
    ]);
    expect(await flows.flowCount()).toBe(2n);
    expect(await flows.flowByDocument(id(DOCUMENT))).toBe(2n);
    expect(await flows.flowByDocument(flowDocumentHash(testFlow))).toBe(1n);
    expect(await flows.flowByDocument(id("unknown"))).toBe(0n);
  });

  test("gives back every part as it was registered", async () => {
    const { flows } = threadline();
    const expected = flowToLedger(testFlow);
    const hash = keccak256(toUtf8Bytes(flowDocument(testFlow)));
    expect([...(await flows.header(1))]).toEqual([hash, 43200n, 7200n, 172_800n, 7n, 1n, 1n, 2n, 1n]);
    for (const [number, definition] of expected.steps.entries()) {
      expect([...(await flows.step(1, number))]).toEqual(values(definition));
      const rules = await flows.stepRules(1, number);
      expect([...rules[0]]).toEqual(values(definition));
      expect([rules.lateEntryToleranceSeconds, rules.handoverToleranceSeconds]).toEqual([43200n, 7200n]);
    }
    expect([...(await flows.leg(1, 0))]).toEqual(values(at(expected.legs, 0)));
    expect([...(await flows.profile(1, 0))]).toEqual(values(at(expected.profiles, 0)));
    for (const [number, definition] of expected.gates.entries()) {
      expect([...(await flows.gate(1, number))]).toEqual(values(definition));
    }
    expect(await flows.specification(1, 0)).toBe(at(expected.specifications, 0));
    const both = await flows.legProfile(1, 0);
    expect([[...both[0]], [...both[1]]]).toEqual([values(at(expected.legs, 0)), values(at(expected.profiles, 0))]);
  });

  test("refuses a document that stands already", async () => {
    const { flows } = threadline();
    await expectRevert(flows.register(flowDocument(testFlow), flowToLedger(testFlow)), "FlowRegistryAlreadyRegistered", [
      flowDocumentHash(testFlow),
      1,
    ]);
  });

  test("refuses to read what is not there", async () => {
    const { flows } = threadline();
    for (const flow of [0, 2]) {
      const unknown = ["FlowRegistryUnknownFlow", [flow]] as const;
      await expectRevert(flows.header(flow), ...unknown);
      await expectRevert(flows.step(flow, 0), ...unknown);
      await expectRevert(flows.leg(flow, 0), ...unknown);
      await expectRevert(flows.profile(flow, 0), ...unknown);
      await expectRevert(flows.gate(flow, 0), ...unknown);
      await expectRevert(flows.specification(flow, 0), ...unknown);
      await expectRevert(flows.legProfile(flow, 0), ...unknown);
      await expectRevert(flows.stepRules(flow, 0), ...unknown);
    }
    await expectRevert(flows.step(1, 7), "FlowRegistryInvalidStep", [7]);
    await expectRevert(flows.leg(1, 1), "FlowRegistryInvalidLeg", [1]);
    await expectRevert(flows.legProfile(1, 1), "FlowRegistryInvalidLeg", [1]);
    await expectRevert(flows.profile(1, 1), "FlowRegistryInvalidProfile", [1]);
    await expectRevert(flows.gate(1, 2), "FlowRegistryInvalidGate", [2]);
    await expectRevert(flows.specification(1, 1), "FlowRegistryInvalidSpecification", [1]);
  });

  test.each([7, 64, 255])("the rules of step %i, which is not in the flow, name no duty", async (number) => {
    const rules = await threadline().flows.stepRules(1, number);
    expect(rules[0].roles).toBe(0n);
    expect(rules.lateEntryToleranceSeconds).toBe(43200n);
  });

  const fill = <T>(list: T[], count: number) => Array.from({ length: count }, () => at(list, 0));
  test.each<[string, LedgerFlow, number[]]>([
    ["no step", changed((flow) => (flow.steps = [])), [0, 1, 1, 2, 1]],
    ["65 steps", changed((flow) => (flow.steps = fill(flow.steps, 65))), [65, 1, 1, 2, 1]],
    ["17 legs", changed((flow) => (flow.legs = fill(flow.legs, 17))), [7, 17, 1, 2, 1]],
    ["9 profiles", changed((flow) => (flow.profiles = fill(flow.profiles, 9))), [7, 1, 9, 2, 1]],
    ["9 gates", changed((flow) => (flow.gates = fill(flow.gates, 9))), [7, 1, 1, 9, 1]],
    ["9 specifications", changed((flow) => (flow.specifications = fill(flow.specifications, 9))), [7, 1, 1, 2, 9]],
  ])("refuses %s", async (_name, flow, counts) => {
    await expectRevert(threadline().flows.register(DOCUMENT, flow), "FlowRegistryCountOutOfRange", counts);
  });

  test("takes a flow of the greatest size", async () => {
    const { flows } = threadline();
    const flow = changed((large) => {
      large.steps.push(...Array.from({ length: 57 }, () => ({ ...at(large.steps, STEP.observe), prerequisites: 1n })));
      large.legs = fill(large.legs, 16);
      large.profiles = fill(large.profiles, 8);
      large.specifications = Array.from({ length: 8 }, (_, number) => id(`specification ${number}`));
      large.gates.push(...Array.from({ length: 6 }, () => ({ ...at(large.gates, 0), requiredSteps: 1n << 63n })));
    });
    await flows.register(DOCUMENT, flow);
    expect([...(await flows.header(2))].slice(3)).toEqual([172_800n, 64n, 16n, 8n, 8n, 8n]);
    expect((await flows.gate(2, 7)).requiredSteps).toBe(1n << 63n);
  });

  test.each<[string, LedgerFlow, number]>([
    ["has no duty", step(3, { roles: 0 }), 3],
    ["names a duty that does not exist", step(3, { roles: 1 << 11 }), 3],
    ["asks three persons for the identity", step(3, { identityCheckPersons: 3 }), 3],
    ["waits for a step that does not exist", step(2, { prerequisites: 1n << 7n }), 2],
    ["waits for itself", step(2, { prerequisites: 1n << 2n }), 2],
    ["waits for a step that waits for it", step(STEP.handOver, { prerequisites: 1n << 2n }), 1],
    ["waits for a gate that waits for it", step(STEP.receive, { requiredGate: 1 }), 4],
    ["needs a gate that does not exist", step(6, { requiredGate: 3 }), 6],
    ["is limited since a step that does not exist", step(5, { firstLimitAnchor: 8, firstLimitSeconds: 1 }), 5],
    ["is limited since itself", step(STEP.collect, { secondLimitAnchor: 1, secondLimitSeconds: 1 }), 0],
    ["is limited since a step whose time is not kept", step(5, { firstLimitAnchor: 7, firstLimitSeconds: 1 }), 5],
    ["has a limit since nothing", step(5, { secondLimitSeconds: 1 }), 5],
    ["is limited since a leg's start whose time is not kept", step(STEP.handOver, { anchor: false }), 3],
    ["starts a leg and its time is not kept", legStartWithoutTime, 1],
    ["ends a leg and its time is not kept", step(STEP.receive, { anchor: false }), 4],
  ])("refuses a step that %s", async (_name, flow, number) => {
    await expectRevert(threadline().flows.register(DOCUMENT, flow), "FlowRegistryInvalidStep", [number]);
  });

  test.each<[string, LedgerFlow]>([
    ["starts at no step", leg({ startStep: 7 })],
    ["ends at no step", leg({ endStep: 7 })],
    ["ends where it starts", leg({ endStep: STEP.handOver })],
    ["has no such profile", leg({ profile: 1 })],
  ])("refuses a leg that %s", async (_name, flow) => {
    await expectRevert(threadline().flows.register(DOCUMENT, flow), "FlowRegistryInvalidLeg", [0]);
  });

  const gap = 510; // 2 s to a tick
  test.each<[string, LedgerFlow]>([
    ["range is empty", profile({ minimumCentikelvin: 28000, maximumCentikelvin: 27999 })],
    ["longest gap is zero", profile({ longestGapSeconds: 0 })],
    ["longest duration is zero", profile({ longestDurationSeconds: 0 })],
    ["tilt limit is past upside down", profile({ tiltLimitDegrees: 181 })],
    ["tilt limit is past upside down by much", profile({ tiltLimitDegrees: 254 })],
    ["temperature budget does not fit", profile({ longestGapSeconds: gap, temperatureBudgetSeconds: 2 ** 23 })],
    ["tilt budget does not fit", profile({ longestGapSeconds: gap, tiltBudgetSeconds: 2 ** 23 })],
  ])("refuses a profile whose %s", async (_name, flow) => {
    await expectRevert(threadline().flows.register(DOCUMENT, flow), "FlowRegistryInvalidProfile", [0]);
  });

  test.each<[string, LedgerFlow]>([
    ["one temperature", profile({ minimumCentikelvin: 27700, maximumCentikelvin: 27700 })],
    ["greatest budgets", profile({ longestGapSeconds: gap, temperatureBudgetSeconds: 2 ** 23 - 1, tiltBudgetSeconds: 2 ** 23 - 1 })],
    ["longest gap", profile({ longestGapSeconds: 0xffff })],
    ["upside down allowed", profile({ tiltLimitDegrees: 180 })],
    ["tilt not monitored", profile({ tiltLimitDegrees: 255 })],
  ])("takes a profile with %s", async (_name, flow) => {
    await threadline().flows.register(DOCUMENT, flow);
    expect([...(await threadline().flows.profile(2, 0))]).toEqual(values(at(flow.profiles, 0)));
  });

  test.each<[string, LedgerFlow, number]>([
    ["has no duty", gate(0, { roles: 0 }), 0],
    ["names a duty that does not exist", gate(1, { roles: 0x8000 }), 1],
    ["requires a step that does not exist", gate(0, { requiredSteps: 1n << 7n }), 0],
    ["requires a leg that does not exist", gate(0, { requiredLegs: 2 }), 0],
    ["requires a gate that does not exist", gate(0, { requiredGates: 4 }), 0],
    ["requires itself", gate(1, { requiredGates: 2 }), 1],
    ["requires a specification that does not exist", gate(0, { requiredSpecifications: 2 }), 0],
  ])("refuses a gate that %s", async (_name, flow, number) => {
    await expectRevert(threadline().flows.register(DOCUMENT, flow), "FlowRegistryInvalidGate", [number]);
  });

  test.each<[string, string[], number]>([
    ["without a hash", [`0x${"00".repeat(32)}`], 0],
    ["that stands twice", [id("one"), id("two"), id("one")], 2],
  ])("refuses a specification %s", async (_name, specifications, number) => {
    const flow = changed((strange) => (strange.specifications = specifications));
    await expectRevert(threadline().flows.register(DOCUMENT, flow), "FlowRegistryInvalidSpecification", [number]);
  });

  test("refuses gates that wait for each other", async () => {
    const flow = changed((cyclic) => {
      for (const definition of cyclic.steps) definition.requiredGate = 0;
      at(cyclic.gates, 0).requiredGates = 2;
    });
    await expectRevert(threadline().flows.register(DOCUMENT, flow), "FlowRegistryInvalidGate", [0]);
  });

  test("a step packs into one storage slot", async () => {
    const { provider, addresses } = threadline();
    // Mapping `_flows` of flow 1: header is two slots, then a slot for each step.
    const all = await Promise.all(
      testFlow.steps.map(async (_, number) => {
        const slot = toBeHex(BigInt(await flowSlot(threadline)) + 2n + BigInt(number), 32);
        return BigInt((await provider.request({ method: "eth_getStorageAt", params: [addresses.flowRegistry, slot, "latest"] })) as string);
      }),
    );
    expect(all.map((word) => word & (2n ** 64n - 1n))).toEqual(flowToLedger(testFlow).steps.map((definition) => definition.prerequisites));
    expect(all.map((word) => Number((word >> 64n) & 0xffffn))).toEqual(flowToLedger(testFlow).steps.map((definition) => definition.roles));
  });

  test("only the flow author registers", async () => {
    const { flows, accounts } = threadline();
    for (const caller of [accounts.outsider, accounts.admin, accounts.oracle]) {
      await expectMissingRole(
        flows.connect(caller).register(DOCUMENT, flowToLedger(testFlow)),
        caller.address,
        id("FLOW_AUTHOR_ROLE"),
      );
    }
  });
});

/** Storage slot of flow 1: found by its document hash, so that the test does not depend on the layout before it. */
async function flowSlot(threadline: () => { provider: { request(call: { method: string; params: unknown[] }): Promise<unknown> }; addresses: { flowRegistry: string } }): Promise<string> {
  const { provider, addresses } = threadline();
  for (let base = 0; base < 16; base += 1) {
    const slot = keccak256(toBeHex(1, 32) + toBeHex(base, 32).slice(2));
    const word = await provider.request({ method: "eth_getStorageAt", params: [addresses.flowRegistry, slot, "latest"] });
    if (word === flowDocumentHash(testFlow)) return slot;
  }
  throw new Error("flow 1 is not in storage");
}

function values(definition: object): unknown[] {
  return Object.values(definition).map((value: unknown) => (typeof value === "number" ? BigInt(value) : value));
}
