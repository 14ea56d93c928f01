import { ZeroAddress, id } from "ethers";
import { describe, expect, test } from "vitest";
import { FIELD_ORDER } from "../../../services/model/field.ts";
import { specificationDocument, specificationDocumentHash } from "../../../services/model/quality/index.ts";
import { readArtifact } from "../../../scripts/deploy/artifacts.ts";
import { fullSpecification, testSpecification } from "../../circuits/support/batches.ts";
import { batchFlow, CERTIFICATE, commitmentsOf, LABORATORY, openBatch, STAGE } from "../support/proven-batches.ts";
import { JOURNEY } from "../support/compliance.ts";
import { expectRevert } from "../support/revert.ts";
import { useThreadline } from "../support/use-threadline.ts";

const withTwo = {
  ...batchFlow,
  specifications: [...batchFlow.specifications, { name: "full", documentHash: specificationDocumentHash(fullSpecification) }],
};
let present = 0;
const threadline = useThreadline({ flow: withTwo, verifier: "yes" }, async (opened) => {
  present = await openBatch(opened, JOURNEY);
});

/** What the contract demands beside a proof: its verifier says yes to everything. */
const unproven = (changes: object = {}) => ({
  stage: STAGE.final, laboratory: LABORATORY, resultsCommitment: 7n, signedAt: present - 100, certificateHash: CERTIFICATE,
  proofA: [0n, 0n] as [bigint, bigint], proofB: [[0n, 0n], [0n, 0n]] as [[bigint, bigint], [bigint, bigint]], proofC: [0n, 0n] as [bigint, bigint],
  ...changes,
});

describe("SpecificationRegistry", () => {
  test("registers a document once, with the commitments its twin recomputes, and emits the document", async () => {
    const { specifications } = threadline();
    const documentHash = specificationDocumentHash(testSpecification);
    const { firstStage, finalStage } = commitmentsOf(testSpecification);
    expect((await specifications.commitmentsOf(documentHash)).slice()).toEqual([firstStage, finalStage]);
    const [log] = await specifications.queryFilter(specifications.filters.SpecificationRegistered());
    expect(log?.args.slice()).toEqual([documentHash, firstStage, finalStage, specificationDocument(testSpecification)]);
    const again = specifications.register(specificationDocument(testSpecification), { firstStage: 1n, finalStage: 2n });
    await expectRevert(again, "SpecificationRegistryAlreadyRegistered", [documentHash]);
  });

  test.each([0n, FIELD_ORDER, FIELD_ORDER + 5n])("refuses the commitment %s", async (commitment) => {
    const { specifications } = threadline();
    await expectRevert(specifications.register("{}", { firstStage: commitment, finalStage: 1n }), "SpecificationRegistryInvalidCommitment", [commitment]);
    await expectRevert(specifications.register("{}", { firstStage: 1n, finalStage: commitment }), "SpecificationRegistryInvalidCommitment", [commitment]);
  });

  test("lets only the author register", async () => {
    const { specifications, accounts } = threadline();
    const call = specifications.connect(accounts.outsider).register("{}", { firstStage: 1n, finalStage: 1n });
    await expectRevert(call, "AccessControlUnauthorizedAccount", [accounts.outsider.address, id("SPECIFICATION_AUTHOR_ROLE")]);
  });
});

describe("BatchProofs", () => {
  test("takes a proof from the oracle only", async () => {
    const { batches, accounts } = threadline();
    const call = batches.connect(accounts.outsider).submit(JOURNEY, 0, unproven());
    await expectRevert(call, "AccessControlUnauthorizedAccount", [accounts.outsider.address, id("ORACLE_ROLE")]);
  });

  test("refuses a specification the flow does not name, or that is not registered", async () => {
    const { batches } = threadline();
    await expectRevert(batches.submit(JOURNEY, 2, unproven()), "BatchProofsUnknownSpecification", [JOURNEY, 2n]);
    const documentHash = specificationDocumentHash(fullSpecification);
    await expectRevert(batches.submit(JOURNEY, 1, unproven()), "BatchProofsSpecificationNotRegistered", [documentHash]);
  });

  test("refuses no stage, and a first stage where there is only one", async () => {
    const { batches, specifications } = threadline();
    await expectRevert(batches.submit(JOURNEY, 0, unproven({ stage: STAGE.none })), "BatchProofsInvalidStage", [0n]);
    await specifications.register(specificationDocument(fullSpecification), commitmentsOf(fullSpecification));
    await expectRevert(batches.submit(JOURNEY, 1, unproven({ stage: STAGE.first })), "BatchProofsInvalidStage", [1n]);
    await batches.submit(JOURNEY, 1, unproven());
  });

  test("refuses a key that is not enrolled, or not qualified when it signed", async () => {
    const { batches } = threadline();
    const stranger = id("stranger");
    await expectRevert(batches.submit(JOURNEY, 0, unproven({ laboratory: stranger })), "BatchProofsLaboratoryNotFit", [stranger, BigInt(present - 100)]);
    const early = present - 86_401;
    await expectRevert(batches.submit(JOURNEY, 0, unproven({ signedAt: early })), "BatchProofsLaboratoryNotFit", [LABORATORY, BigInt(early)]);
  });

  test("refuses a revoked key whatever time it signed, and takes one whose revocation is still to come", async () => {
    const { batches, devices } = threadline();
    await devices.revoke(LABORATORY, present + 50_000);
    await batches.submit(JOURNEY, 0, unproven({ stage: STAGE.first }));
    await devices.revoke(LABORATORY, present - 10);
    await expectRevert(batches.submit(JOURNEY, 0, unproven()), "BatchProofsLaboratoryNotFit", [LABORATORY, BigInt(present - 100)]);
  });

  test("refuses a key whose owner is no testing laboratory, or is suspended", async () => {
    const { batches, participants, actors } = threadline();
    const owner = actors.laboratory.participantId;
    await participants.setRoles(owner, 1 << 2);
    await expectRevert(batches.submit(JOURNEY, 0, unproven()), "BatchProofsNotALaboratory", [LABORATORY, owner]);
    await participants.setRoles(owner, 1 << 9);
    await participants.setSuspended(owner, true);
    await expectRevert(batches.submit(JOURNEY, 0, unproven()), "BatchProofsNotALaboratory", [LABORATORY, owner]);
  });

  test("refuses results dated more than five minutes ahead", async () => {
    const { batches, provider } = threadline();
    await provider.request({ method: "evm_setNextBlockTimestamp", params: [present + 1000] });
    const signedAt = present + 1301;
    await expectRevert(batches.submit(JOURNEY, 0, unproven({ signedAt })), "BatchProofsSignedAhead", [BigInt(signedAt), BigInt(present + 1000)]);
  });

  test("asks nothing of a gate that asks for no specification", async () => {
    const { batches } = threadline();
    expect(await batches.releaseChecks(JOURNEY, 1, 1)).toEqual([]);
    expect((await batches.releaseChecks(JOURNEY, 1, 0)).length).toBe(1);
  });

  test("is not deployed on a verifier without code", async () => {
    const { ethers, addresses: at, accounts } = threadline();
    const { abi, bytecode } = readArtifact("BatchProofs");
    const factory = new ethers.ContractFactory(abi, bytecode, accounts.deployer);
    const deployed = factory.deploy(at.participantRegistry, at.deviceRegistry, at.flowRegistry, at.specificationRegistry, at.custodyLedger, ZeroAddress, 0, accounts.admin.address, accounts.oracle.address);
    await expectRevert(deployed, "BatchProofsVerifierWithoutCode", [ZeroAddress]);
  });
});
