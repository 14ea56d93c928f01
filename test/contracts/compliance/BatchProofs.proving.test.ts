import { id } from "ethers";
import { describe, expect, test } from "vitest";
import { FIELD_ORDER } from "../../../services/model/field.ts";
import { batchContext } from "../../../services/model/quality/certificate.ts";
import { otherLaboratoryKey } from "../../circuits/support/batches.ts";
import { batchFlow, CERTIFICATE, LABORATORY, openBatch, proveBatches, recordAt, STAGE } from "../support/proven-batches.ts";
import type { SubmittedBatch } from "../support/proven-batches.ts";
import { JOURNEY } from "../support/compliance.ts";
import { expectRevert } from "../support/revert.ts";
import { openThreadline } from "../support/threadline.ts";
import { PREPARE_TIMEOUT, useThreadline } from "../support/use-threadline.ts";

const OTHER_JOURNEY = id("journey 2");
let first: SubmittedBatch;
let final: SubmittedBatch;

const threadline = useThreadline({ flow: batchFlow, verifier: "dev" }, async (opened) => {
  const present = await openBatch(opened, JOURNEY);
  await opened.ledger.openJourney(OTHER_JOURNEY, 1, id("identity 2"));
  const place = { chainId: opened.chainId, batchProofs: opened.addresses.batchProofs, journeyId: JOURNEY, specification: 0 };
  const proven = await proveBatches(place, [recordAt(present - 200, "first"), recordAt(present - 100)]);
  if (proven[0] === undefined || proven[1] === undefined) throw new Error("nothing was proven");
  [first, final] = [proven[0], proven[1]];
});

const specificationCheck = async () => (await threadline().releases.checks(JOURNEY, 0)).find(([kind]) => kind === 5n)?.slice(0, 3);

describe("BatchProofs with the real verifier", () => {
  test("takes an honest proof, records the certificate, and makes the check compliant", async () => {
    const { batches } = threadline();
    expect(await specificationCheck()).toEqual([5n, 0n, 0n]);
    await batches.submit(JOURNEY, 0, final);
    expect((await batches.proven(JOURNEY, 0)).slice()).toEqual([BigInt(STAGE.final), LABORATORY, BigInt(final.signedAt), CERTIFICATE]);
    expect(await specificationCheck()).toEqual([5n, 0n, 1n]);
  });

  test("takes a first stage as completed, and the final one after it", async () => {
    const { batches } = threadline();
    await batches.submit(JOURNEY, 0, first);
    expect(await specificationCheck()).toEqual([5n, 0n, 3n]);
    await batches.submit(JOURNEY, 0, final);
    expect(await specificationCheck()).toEqual([5n, 0n, 1n]);
  });

  test("refuses a replay, and a first stage after the final one", async () => {
    const { batches } = threadline();
    await batches.submit(JOURNEY, 0, final);
    await expectRevert(batches.submit(JOURNEY, 0, final), "BatchProofsAlreadyProven", [JOURNEY, 0n, BigInt(STAGE.final)]);
    await expectRevert(batches.submit(JOURNEY, 0, first), "BatchProofsAlreadyProven", [JOURNEY, 0n, BigInt(STAGE.first)]);
  });

  test("refuses the proof for another journey", async () => {
    await expectRevert(threadline().batches.submit(OTHER_JOURNEY, 0, final), "BatchProofsNotProven", [OTHER_JOURNEY, 0n]);
  });

  test.each<[string, (proof: SubmittedBatch) => Partial<SubmittedBatch>]>([
    ["a first-stage proof said to be final", () => ({ ...first, stage: STAGE.final })],
    ["a final proof said to be first", () => ({ stage: STAGE.first })],
    ["another certificate", () => ({ certificateHash: id("a better certificate") })],
    ["another time of signing", ({ signedAt }) => ({ signedAt: signedAt - 1 })],
    ["another results commitment", ({ resultsCommitment }) => ({ resultsCommitment: resultsCommitment + 1n })],
    ["an altered proof", ({ proofA }) => ({ proofA: [proofA[1], proofA[0]] })],
    ["no proof", () => ({ proofA: [0n, 0n], proofB: [[0n, 0n], [0n, 0n]], proofC: [0n, 0n] })],
  ])("refuses %s", async (_, change) => {
    await expectRevert(threadline().batches.submit(JOURNEY, 0, { ...final, ...change(final) }), "BatchProofsNotProven", [JOURNEY, 0n]);
  });

  test("refuses a commitment that wraps around the field", async () => {
    const resultsCommitment = final.resultsCommitment + FIELD_ORDER;
    await expectRevert(threadline().batches.submit(JOURNEY, 0, { ...final, resultsCommitment }), "BatchProofsSignalOutOfField", [resultsCommitment]);
  });

  test("refuses the proof under another laboratory's key", async () => {
    const { batches, devices, actors, now } = threadline();
    const other = id("another laboratory's key");
    await devices.enrol(other, actors.laboratory.participantId, ...otherLaboratoryKey.publicKey, id("message key 2"), 0);
    const present = await now();
    await devices.recordCalibration(other, present - 86_400, present + 86_400);
    await expectRevert(batches.submit(JOURNEY, 0, { ...final, laboratory: other }), "BatchProofsNotProven", [JOURNEY, 0n]);
  });

  test("refuses it on another chain and for another contract", { timeout: PREPARE_TIMEOUT }, async () => {
    for (const options of [{ chainId: 1337 }, { transactionsBefore: 1 }]) {
      const other = await openThreadline({ flow: batchFlow, verifier: "dev", ...options });
      const present = await openBatch(other, JOURNEY);
      await other.devices.recordCalibration(LABORATORY, Math.min(present, final.signedAt) - 86_400, Math.max(present, final.signedAt) + 86_400);
      await other.provider.request({ method: "evm_setNextBlockTimestamp", params: [Math.max(present, final.signedAt) + 1000] });
      await expectRevert(other.batches.submit(JOURNEY, 0, final), "BatchProofsNotProven", [JOURNEY, 0n]);
      await other.close();
    }
  });

  test("binds chain, contract, journey, specification and certificate as its TypeScript twin does", async () => {
    const { batches, chainId, addresses } = threadline();
    for (const [journeyId, specification, certificateHash] of [[JOURNEY, 0, CERTIFICATE], [OTHER_JOURNEY, 7, id("other")]] as const)
      expect(await batches.context(journeyId, specification, certificateHash)).toBe(
        batchContext({ chainId, contract: addresses.batchProofs, journeyId, specification, certificateHash }),
      );
  });
});
