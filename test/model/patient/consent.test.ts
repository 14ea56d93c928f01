import { describe, expect, it } from "vitest";
import {
  domainSchema,
  dutyAllows,
  identifierText,
  judgeConsent,
  localIdentifierSchema,
  NO_CONSENT,
  pseudonymNumber,
  pseudonymSchema,
} from "../../../services/model/patient/index.ts";
import type { ConsentGrant } from "../../../services/model/patient/index.ts";

const grant: ConsentGrant = {
  consentId: "c1",
  purpose: "research",
  scope: "re-identification",
  domain: "research-long-term",
  grantee: "0xaa",
  givenAt: 1000,
  expiresAt: 2000,
  revokedAt: null,
};
const request = { purpose: "research", scope: "re-identification", domain: "research-long-term", grantee: "0xaa" } as const;

describe("a consent", () => {
  it("holds from when it was given until, not at, its expiry", () => {
    expect(judgeConsent([grant], request, 1000)).toEqual({ allowed: true, consentId: "c1" });
    expect(judgeConsent([grant], request, 1999).allowed).toBe(true);
    for (const now of [999, 2000, 2001])
      expect(judgeConsent([grant], request, now)).toEqual({ allowed: false, reason: "the consent has expired" });
  });

  it.each([
    [{ grantee: "0xbb" }, NO_CONSENT],
    [{ scope: "translation" }, NO_CONSENT],
    [{ domain: "research-other" }, NO_CONSENT],
    [{ purpose: "payment" }, "the consent is for another purpose"],
    [{ revokedAt: 1500 }, "the consent was revoked"],
  ] as [Partial<ConsentGrant>, string][])("with %j does not cover the request", (other, reason) => {
    expect(judgeConsent([{ ...grant, ...other }], request, 1600)).toEqual({ allowed: false, reason });
  });

  it("is not undone by an older one that has expired or was revoked", () => {
    const grants = [{ ...grant, revokedAt: 1100 }, { ...grant, expiresAt: 1100 }, { ...grant, consentId: "c2" }];
    expect(judgeConsent(grants, request, 1600)).toEqual({ allowed: true, consentId: "c2" });
  });

  it("is not needed by those who open journeys, for treatment, into the journey's domain alone", () => {
    expect(dutyAllows(["manufacturing-site"], "journey", "treatment")).toBe(true);
    expect(dutyAllows(["manufacturing-site"], "journey", "research")).toBe(false);
    expect(dutyAllows(["manufacturing-site"], "payer-one", "treatment")).toBe(false);
    expect(dutyAllows(["logistics-provider", "auditor"], "journey", "treatment")).toBe(false);
  });
});

describe("names", () => {
  it("keep organisation, system and value apart", () => {
    const texts = [
      identifierText("0xaa", { system: "urn:oid:1", value: "2" }),
      identifierText("0xaa", { system: "urn:oid:1.2", value: "" }),
      identifierText("0xab", { system: "urn:oid:1", value: "2" }),
      identifierText("0xaa", { system: 'urn:oid:1","2', value: "" }),
    ];
    expect(new Set(texts).size).toBe(texts.length);
  });

  it("have one spelling", () => {
    const system = "urn:oid:2.16.840.1.113883.19.5";
    expect(localIdentifierSchema.parse({ system, value: "e\u0301" })).toEqual({ system, value: "\u00e9" });
    for (const value of ["", " 1", "1 ", "1\n", "\u200b1", "x".repeat(101)])
      expect(localIdentifierSchema.safeParse({ system, value }).success).toBe(false);
    for (const bad of ["", "MRN", "urn:", "urn:oid:1 2"])
      expect(localIdentifierSchema.safeParse({ system: bad, value: "1" }).success).toBe(false);
  });

  it("take pseudonyms of 31 bytes and known domains", () => {
    expect(pseudonymNumber(`0x${"ff".repeat(31)}`)).toBe(2n ** 248n - 1n);
    for (const text of [`0x${"ff".repeat(32)}`, `0x${"ff".repeat(30)}`, `0x${"FF".repeat(31)}`, "ff".repeat(31)])
      expect(pseudonymSchema.safeParse(text).success).toBe(false);
    for (const domain of ["journey", "organisation-9506000134369", "research-a", "payer-b2"])
      expect(domainSchema.parse(domain)).toBe(domain);
    for (const domain of ["journeys", "organisation-1", "research-", "payer-A", "other-x"])
      expect(domainSchema.safeParse(domain).success).toBe(false);
  });
});
