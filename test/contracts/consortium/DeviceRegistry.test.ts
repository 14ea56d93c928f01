import { Base8, addPoint, mulPointEscalar, subOrder } from "@zk-kit/baby-jubjub";
import type { Point } from "@zk-kit/baby-jubjub";
import { ContractFactory, ZeroAddress, id } from "ethers";
import { poseidon2 } from "poseidon-lite";
import { describe, expect, test } from "vitest";
import { readArtifact } from "../../../scripts/deploy/artifacts.ts";
import { eventsOf } from "../support/events.ts";
import { expectMissingRole, expectRevert } from "../support/revert.ts";
import { useThreadline } from "../support/use-threadline.ts";

const FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;
const DEVICE = id("logger 1");
const MESSAGE_KEY = id("message key");
const key = mulPointEscalar(Base8, 123456789n);
/** Generator of the whole curve, order 8 · suborder (ERC-2494). */
const generator: Point<bigint> = [
  995203441582195749578291179787384436505546430278305826713579947235728471134n,
  5472060717959818805561601436314318772137091100104008585924551046643952123905n,
];
const lowOrder = mulPointEscalar(generator, subOrder); // order 8

const UNFIT_KEYS: [string, Point<bigint>][] = [
  ["the identity", [0n, 1n]],
  ["the point of order 2", [0n, FIELD - 1n]],
  ["a point of order 4", mulPointEscalar(lowOrder, 2n)],
  ["a point of order 8", lowOrder],
  ["the generator of the whole curve", generator],
  ["a good key moved by the point of order 2", addPoint(key, [0n, FIELD - 1n])],
  ["a good key moved by a point of order 8", addPoint(key, lowOrder)],
  ["a point off the curve", [key[0], key[1] + 1n]],
  ["zero", [0n, 0n]],
  ["a good key with x not reduced", [key[0] + FIELD, key[1]]],
  ["a good key with y not reduced", [key[0], key[1] + FIELD]],
  ["all ones", [2n ** 256n - 1n, 2n ** 256n - 1n]],
];

describe("DeviceRegistry", () => {
  const threadline = useThreadline();
  const enrol = (deviceId = DEVICE, point: Point<bigint> = key) =>
    threadline().devices.enrol(deviceId, threadline().actors.courier.participantId, point[0], point[1], MESSAGE_KEY, 1);

  test("enrols a key of prime order under its Poseidon commitment", async () => {
    const { devices, actors, now } = threadline();
    const owner = actors.courier.participantId;
    const commitment = poseidon2(key);
    expect(await eventsOf(devices, enrol())).toEqual([
      ["DeviceEnrolled", DEVICE, owner, commitment, key[0], key[1], MESSAGE_KEY, 1n],
    ]);
    expect([...(await devices.device(DEVICE))]).toEqual([commitment, owner, BigInt(await now()), 0n, 1n, MESSAGE_KEY]);
  });

  test.each([1n, 2n, 8n, 0xfffffffffffffn, subOrder - 1n])("enrols the public key of the scalar %i", async (scalar) => {
    const point = mulPointEscalar(Base8, scalar);
    await enrol(DEVICE, point);
    expect((await threadline().devices.device(DEVICE)).keyCommitment).toBe(poseidon2(point));
  });

  test("the test keys are what they are called", () => {
    expect(mulPointEscalar(lowOrder, 4n)).toEqual([0n, FIELD - 1n]);
    expect(mulPointEscalar(lowOrder, 8n)).toEqual([0n, 1n]);
    expect(mulPointEscalar(generator, 8n)).toEqual(Base8);
  });

  test.each(UNFIT_KEYS)("refuses %s", async (_name, point) => {
    await expectRevert(enrol(DEVICE, point), "DeviceRegistryInvalidKey", point);
  });

  test("refuses a device, a key and an owner it must not take", async () => {
    const { devices } = threadline();
    await enrol();
    await expectRevert(enrol(DEVICE, mulPointEscalar(Base8, 5n)), "DeviceRegistryAlreadyEnrolled", [DEVICE]);
    await expectRevert(enrol(id("logger 2")), "DeviceRegistryKeyTaken", [poseidon2(key), DEVICE]);
    await expectRevert(devices.enrol(id("logger 2"), id("nobody"), ...key, MESSAGE_KEY, 0), "DeviceRegistryUnknownOwner", [
      id("nobody"),
    ]);
  });

  test("one calibration must cover the whole interval, ends included", async () => {
    const { devices } = threadline();
    await enrol();
    expect(await eventsOf(devices, devices.recordCalibration(DEVICE, 1000, 2000))).toEqual([
      ["DeviceCalibrated", DEVICE, 1000n, 2000n],
    ]);
    await devices.recordCalibration(DEVICE, 1900, 3000);
    for (const [from, to, covered] of [
      [1000, 2000, true],
      [1500, 1500, true],
      [1900, 3000, true],
      [999, 1500, false],
      [2500, 3001, false],
      [1500, 2500, false], // two intervals together do not count as one
      [1800, 1700, false],
    ] as const) {
      expect(await devices.isCalibrated(DEVICE, from, to)).toBe(covered);
      expect(await devices.measuringKey(DEVICE, from, to)).toBe(covered ? poseidon2(key) : 0n);
    }
  });

  test("refuses a calibration that takes no time, and devices it does not know", async () => {
    const { devices } = threadline();
    await enrol();
    await expectRevert(devices.recordCalibration(DEVICE, 5, 5), "DeviceRegistryInvalidCalibration", [5, 5]);
    await expectRevert(devices.recordCalibration(DEVICE, 5, 4), "DeviceRegistryInvalidCalibration", [5, 4]);
    await expectRevert(devices.recordCalibration(id("ghost"), 1, 2), "DeviceRegistryUnknownDevice", [id("ghost")]);
    await expectRevert(devices.revoke(id("ghost"), 1), "DeviceRegistryUnknownDevice", [id("ghost")]);
    expect((await devices.device(id("ghost"))).keyCommitment).toBe(0n);
    expect(await devices.measuringKey(id("ghost"), 1, 2)).toBe(0n);
  });

  test("readings before a revocation stay valid, none from it on", async () => {
    const { devices } = threadline();
    await enrol();
    await devices.recordCalibration(DEVICE, 1000, 2000);
    expect(await eventsOf(devices, devices.revoke(DEVICE, 1500))).toEqual([["DeviceRevoked", DEVICE, 1500n]]);
    expect(await devices.measuringKey(DEVICE, 1000, 1499)).toBe(poseidon2(key));
    expect(await devices.measuringKey(DEVICE, 1000, 1500)).toBe(0n);
    expect(await devices.measuringKey(DEVICE, 1600, 1700)).toBe(0n);
    expect((await devices.device(DEVICE)).revokedFrom).toBe(1500n);
  });

  test("a revocation moves only to an earlier time and never to zero", async () => {
    const { devices } = threadline();
    await enrol();
    await devices.revoke(DEVICE, 1500);
    await expectRevert(devices.revoke(DEVICE, 1501), "DeviceRegistryRevocationIsEarlier", [1500, 1501]);
    await expectRevert(devices.revoke(DEVICE, 0), "DeviceRegistryInvalidRevocation", [0]);
    await devices.revoke(DEVICE, 1200);
    expect((await devices.device(DEVICE)).revokedFrom).toBe(1200n);
  });

  test("a revoked key stays taken", async () => {
    await enrol();
    await threadline().devices.revoke(DEVICE, 1);
    await expectRevert(enrol(id("logger 2")), "DeviceRegistryKeyTaken", [poseidon2(key), DEVICE]);
  });

  test("only the device registrar writes", async () => {
    const { devices, accounts, actors } = threadline();
    for (const caller of [accounts.outsider, accounts.admin, accounts.oracle]) {
      const as = devices.connect(caller);
      const refusal = [caller.address, id("DEVICE_REGISTRAR_ROLE")] as const;
      await expectMissingRole(as.enrol(DEVICE, actors.courier.participantId, ...key, MESSAGE_KEY, 0), ...refusal);
      await expectMissingRole(as.recordCalibration(DEVICE, 1, 2), ...refusal);
      await expectMissingRole(as.revoke(DEVICE, 1), ...refusal);
    }
  });

  test("refuses at deployment a hasher without code and one that is not Poseidon", async () => {
    const { addresses, accounts } = threadline();
    const { abi, bytecode } = readArtifact("DeviceRegistry");
    const factory = new ContractFactory(abi, bytecode, accounts.deployer);
    const { address } = accounts.admin;
    // The verifier of this deployment answers 1 to everything, so it is no Poseidon.
    for (const hasher of [ZeroAddress, accounts.outsider.address, addresses.conditionSegmentVerifier]) {
      await expectRevert(
        factory.deploy(addresses.participantRegistry, hasher, 0, address, address),
        "DeviceRegistryInvalidHasher",
        [hasher],
      );
    }
  });
});
