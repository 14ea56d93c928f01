import { ZeroHash, encodeBytes32String, id } from "ethers";
import { describe, expect, test } from "vitest";
import { EXCEPTION_CATALOGUE, UNKNOWN_CODE_ENTRY, catalogueToLedger } from "../../../services/model/custody/exception-catalogue.ts";
import { EXCEPTION_CLASSES } from "../../../services/model/custody/exceptions.ts";
import { rolesToBitmap } from "../../../services/model/custody/roles.ts";
import { eventsOf } from "../support/events.ts";
import { expectMissingRole, expectRevert } from "../support/revert.ts";
import { useThreadline } from "../support/use-threadline.ts";

const CODE = encodeBytes32String("new-code");
const NEW = { code: CODE, class: 1, ownerDuties: 256, reactWithinSeconds: 60, recalls: true };

describe("ExceptionCatalogue", () => {
  const threadline = useThreadline();

  test("is filled at deployment with the model's catalogue", async () => {
    const { catalogue } = threadline();
    const wanted = catalogueToLedger(EXCEPTION_CATALOGUE);
    expect(await catalogue.codeCount()).toBe(BigInt(wanted.length));
    for (const [index, { code, ...entry }] of wanted.entries()) {
      expect(await catalogue.codeAt(index)).toBe(code);
      expect([...(await catalogue.entry(code))]).toEqual([
        BigInt(entry.class), BigInt(entry.ownerDuties), BigInt(entry.reactWithinSeconds), entry.recalls, true,
      ]);
    }
  });

  test("answers for a code nobody knows as the model does: critical, due at once", async () => {
    const { class: exceptionClass, owners, reactWithinSeconds, recalls } = UNKNOWN_CODE_ENTRY;
    expect([...(await threadline().catalogue.entry(CODE))]).toEqual([
      BigInt(EXCEPTION_CLASSES.indexOf(exceptionClass)), BigInt(rolesToBitmap(owners)), BigInt(reactWithinSeconds), recalls, false,
    ]);
  });

  test("takes a further code once, and never another meaning", async () => {
    const { catalogue } = threadline();
    expect(await eventsOf(catalogue, catalogue.register([NEW]))).toEqual([["CatalogueEntryRegistered", CODE, 1n, 256n, 60n, true]]);
    const milder = { ...NEW, class: 0 };
    await expectRevert(catalogue.register([milder]), "ExceptionCatalogueCodeTaken", [CODE]);
    const [known] = catalogueToLedger(EXCEPTION_CATALOGUE);
    if (known === undefined) throw new Error("the catalogue is empty");
    await expectRevert(catalogue.register([{ ...known, class: 0 }]), "ExceptionCatalogueCodeTaken", [known.code]);
    expect((await catalogue.entry(CODE)).class).toBe(1n);
  });

  test("refuses a zero code, no owner and a duty that does not exist", async () => {
    const { catalogue } = threadline();
    await expectRevert(catalogue.register([{ ...NEW, code: ZeroHash }]), "ExceptionCatalogueInvalidEntry", [ZeroHash]);
    for (const ownerDuties of [0, 1 << 11, 0xffff]) {
      await expectRevert(catalogue.register([{ ...NEW, ownerDuties }]), "ExceptionCatalogueInvalidEntry", [CODE]);
    }
  });

  test("an exception keeps the class it was raised under when its code is registered later", async () => {
    const { catalogue, exceptions } = threadline();
    await exceptions.raise(id("a"), id("journey"), CODE, 0, 1000, id("detail"));
    await catalogue.register([{ ...NEW, class: 0 }]);
    expect((await exceptions.exceptionAt(id("journey"), 0)).class).toBe(3n);
    expect(await exceptions.openHolding(id("journey"))).toBe(1n);
  });

  test("only the author registers", async () => {
    const { catalogue, accounts } = threadline();
    for (const caller of [accounts.outsider, accounts.admin, accounts.oracle]) {
      await expectMissingRole(catalogue.connect(caller).register([NEW]), caller.address, id("CATALOGUE_AUTHOR_ROLE"));
    }
  });
});
