import { ZeroHash, id } from "ethers";
import { describe, expect, test } from "vitest";
import { eventsOf } from "../support/events.ts";
import { expectMissingRole, expectRevert } from "../support/revert.ts";
import { useThreadline } from "../support/use-threadline.ts";

const TRAIL = id("trail");
const HEAD = id("head");

describe("AuditAnchors", () => {
  const threadline = useThreadline();
  const open = async () => {
    const { ethers, addresses, accounts } = threadline();
    return ethers.getContractAt("AuditAnchors", addresses.auditAnchors, accounts.oracle);
  };

  test("keeps how far a trail had come, and tells of it", async () => {
    const anchors = await open();
    expect([...(await anchors.anchorOf(TRAIL))]).toEqual([0n, 0n, ZeroHash]);
    expect(await eventsOf(anchors, anchors.anchor(TRAIL, 7, HEAD))).toEqual([["AuditAnchored", TRAIL, 7n, HEAD]]);
    expect([...(await anchors.anchorOf(TRAIL))]).toEqual([7n, BigInt(await threadline().now()), HEAD]);
    await anchors.anchor(TRAIL, 8, id("next"));
    expect((await anchors.anchorOf(TRAIL)).head).toBe(id("next"));
    expect((await anchors.anchorOf(id("another"))).count).toBe(0n);
  });

  test("takes no anchor of a trail that did not grow: neither another of its length nor a shorter one", async () => {
    const anchors = await open();
    await anchors.anchor(TRAIL, 7, HEAD);
    for (const count of [7, 6, 0]) await expectRevert(anchors.anchor(TRAIL, count, id("rewritten")), "AuditAnchorsNotLonger", [TRAIL, 7n, BigInt(count)]);
    await expectRevert(anchors.anchor(id("empty"), 0, HEAD), "AuditAnchorsNotLonger", [id("empty"), 0n, 0n]);
    expect((await anchors.anchorOf(TRAIL)).head).toBe(HEAD);
  });

  test("refuses what names nothing, and anyone but the oracle", async () => {
    const anchors = await open();
    await expectRevert(anchors.anchor(ZeroHash, 1, HEAD), "AuditAnchorsZeroValue", []);
    await expectRevert(anchors.anchor(TRAIL, 1, ZeroHash), "AuditAnchorsZeroValue", []);
    const { accounts } = threadline();
    await expectMissingRole(anchors.connect(accounts.outsider).anchor(TRAIL, 1, HEAD), accounts.outsider.address, await anchors.ORACLE_ROLE());
  });
});
