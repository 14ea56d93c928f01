import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "../../services/patients/index.ts";
import { domainOf } from "../../services/patients/actor.ts";
import { EVERYTHING, granted, mrn, organisation, startTranslator } from "./support.ts";

let node: Awaited<ReturnType<typeof startTranslator>>;
let hospital: Actor;
let researcher: Actor;
const DAY = 86_400_000;

beforeAll(async () => {
  node = await startTranslator();
  hospital = organisation("treatment-centre");
  researcher = organisation("auditor");
});
afterAll(() => node.close());

let patients = 0;

async function newPatient() {
  const identifier = mrn((patients += 1));
  const { pseudonym } = granted(await node.patients.register(hospital, { identifier, purpose: "treatment" }));
  return { identifier, pseudonym };
}

function consentTo(patient: { pseudonym: string }, scope: "translation" | "re-identification", domain: string, days = 1, grantee = researcher) {
  const expiresAt = node.clock.now + days * DAY;
  return node.patients.giveConsent(hospital, {
    patient: { pseudonym: patient.pseudonym },
    purpose: "research",
    scope,
    domain,
    grantee: grantee.participantId,
    expiresAt,
  });
}

async function trail() {
  return node.patients.audit(null, EVERYTHING);
}

describe("an identifier", () => {
  it("names one patient per organisation, by one pseudonym in its domain", async () => {
    const other = organisation("treatment-centre");
    const { identifier, pseudonym } = await newPatient();
    expect(pseudonym).toMatch(/^0x[0-9a-f]{62}$/);
    expect(granted(await node.patients.register(hospital, { identifier, purpose: "treatment" }))).toEqual({
      pseudonym,
      domain: domainOf(hospital),
      isNew: false,
    });
    const stranger = granted(await node.patients.register(other, { identifier, purpose: "treatment" }));
    expect(stranger.isNew).toBe(true);
    expect(stranger.pseudonym).not.toBe(pseudonym);
  });

  it("joins a patient known by pseudonym, and is never moved to another", async () => {
    const [first, second] = [await newPatient(), await newPatient()];
    const alias = { system: "urn:example:study", value: `alias-${patients}` };
    const joined = granted(await node.patients.register(hospital, { identifier: alias, purpose: "treatment", pseudonym: first.pseudonym }));
    expect(joined).toMatchObject({ pseudonym: first.pseudonym, isNew: true });
    expect(await node.patients.register(hospital, { identifier: alias, purpose: "treatment", pseudonym: second.pseudonym })).toMatchObject({
      granted: false,
      code: "identifier-of-another-patient",
    });
    expect(await node.patients.register(researcher, { identifier: alias, purpose: "research", pseudonym: first.pseudonym })).toMatchObject({
      granted: false,
      code: "unknown-patient",
    });
  });
});

describe("a translation", () => {
  it("is by duty into the journey's domain for treatment, by consent anywhere else", async () => {
    const { pseudonym } = await newPatient();
    const toJourney = { pseudonym, domain: "journey", purpose: "treatment" } as const;
    const inJourney = granted(await node.patients.translate(hospital, toJourney));
    expect(granted(await node.patients.translate(hospital, toJourney))).toEqual(inJourney);
    const toResearch = { pseudonym, domain: "research-a", purpose: "research" } as const;
    expect(await node.patients.translate(hospital, toResearch)).toMatchObject({ granted: false, code: "not-allowed" });
    granted(await consentTo({ pseudonym }, "translation", "research-a", 1, hospital));
    const inResearch = granted(await node.patients.translate(hospital, toResearch));
    expect(new Set([pseudonym, inJourney.pseudonym, inResearch.pseudonym]).size).toBe(3);
    expect(await node.patients.translate(hospital, { ...toResearch, domain: "research-b" })).toMatchObject({ granted: false });
    expect(await node.patients.translate(hospital, { ...toResearch, purpose: "payment" })).toMatchObject({ granted: false });
  });

  it("takes pseudonyms of the caller's own domain only", async () => {
    const { pseudonym } = await newPatient();
    const other = organisation("treatment-centre");
    expect(await node.patients.translate(other, { pseudonym, domain: "journey", purpose: "treatment" })).toMatchObject({
      granted: false,
      code: "not-allowed",
    });
  });
});

describe("a re-identification", () => {
  async function inStudy() {
    const patient = await newPatient();
    granted(await consentTo(patient, "translation", "research-a", 1, hospital));
    const { pseudonym } = granted(
      await node.patients.translate(hospital, { pseudonym: patient.pseudonym, domain: "research-a", purpose: "research" }),
    );
    return { patient, ask: { pseudonym, domain: "research-a", purpose: "research" } as const };
  }

  it("is refused without consent, granted under it, refused after it expired", async () => {
    const { patient, ask } = await inStudy();
    expect(await node.patients.reidentify(researcher, ask)).toMatchObject({ granted: false, code: "not-allowed" });
    expect(await node.patients.reidentify(hospital, ask)).toMatchObject({ granted: false });
    granted(await consentTo(patient, "re-identification", "research-a", 2));
    expect(granted(await node.patients.reidentify(researcher, ask))).toEqual({ identifiers: [patient.identifier] });
    expect(await node.patients.reidentify(organisation("auditor"), ask)).toMatchObject({ granted: false });
    node.clock.now += 2 * DAY;
    expect(await node.patients.reidentify(researcher, ask)).toMatchObject({ granted: false, reason: "the consent has expired" });
  });

  it("is refused from the moment the consent is revoked, which only its recorder can", async () => {
    const { patient, ask } = await inStudy();
    const { consentId } = granted(await consentTo(patient, "re-identification", "research-a"));
    expect((await node.patients.reidentify(researcher, ask)).granted).toBe(true);
    expect(await node.patients.revokeConsent(researcher, consentId)).toMatchObject({ granted: false, code: "unknown-consent" });
    const { revokedAt } = granted(await node.patients.revokeConsent(hospital, consentId));
    expect(revokedAt).toBe(node.clock.now);
    expect(await node.patients.reidentify(researcher, ask)).toMatchObject({ granted: false, reason: "the consent was revoked" });
    node.clock.now += 1000;
    expect(granted(await node.patients.revokeConsent(hospital, consentId)).revokedAt).toBe(revokedAt);
  });

  it("answers a stranger the same for a pseudonym that exists and one that does not", async () => {
    const { ask } = await inStudy();
    const stranger = organisation("auditor");
    const existing = await node.patients.reidentify(stranger, ask);
    expect(await node.patients.reidentify(stranger, { ...ask, pseudonym: `0x${"ab".repeat(31)}` })).toEqual(existing);
    const [absent, present] = await node.patients.audit(stranger.participantId, EVERYTHING);
    expect(absent?.reason).toBe(present?.reason);
  });

  it("is of the organisation that recorded the consent, and of no other that knows the patient", async () => {
    const { patient, ask } = await inStudy();
    const site = organisation("manufacturing-site");
    granted(await consentTo(patient, "translation", domainOf(site), 1, hospital));
    const { pseudonym } = granted(
      await node.patients.translate(hospital, { pseudonym: patient.pseudonym, domain: domainOf(site), purpose: "research" }),
    );
    const own = { system: "urn:example:site", value: "P-1" };
    granted(await node.patients.register(site, { identifier: own, purpose: "treatment", pseudonym }));
    granted(await consentTo(patient, "re-identification", "research-a"));
    expect(granted(await node.patients.reidentify(researcher, ask)).identifiers).toEqual([patient.identifier]);
  });
});

describe("a consent", () => {
  it("can be recorded only by who knows the patient by an identifier of its own", async () => {
    const patient = await newPatient();
    const other = organisation("treatment-centre");
    const consent = { purpose: "research", scope: "re-identification", domain: "journey", grantee: other.participantId } as const;
    const expiresAt = node.clock.now + DAY;
    expect(await node.patients.giveConsent(other, { ...consent, patient: patient.identifier, expiresAt })).toMatchObject({ code: "unknown-patient" });
    expect(await node.patients.giveConsent(other, { ...consent, patient, expiresAt })).toMatchObject({ code: "unknown-patient" });
    granted(await consentTo(patient, "translation", domainOf(other), 1, hospital));
    const known = granted(
      await node.patients.translate(hospital, { pseudonym: patient.pseudonym, domain: domainOf(other), purpose: "research" }),
    );
    expect(await node.patients.giveConsent(other, { ...consent, patient: known, expiresAt })).toMatchObject({ code: "no-own-identifier" });
    expect(await node.patients.giveConsent(hospital, { ...consent, patient: patient.identifier, expiresAt: node.clock.now })).toMatchObject({
      code: "consent-expired",
    });
  });
});

describe("the audit trail", () => {
  it("has one entry for every look-up, granted or refused, before it is answered", async () => {
    const { identifier, pseudonym } = await newPatient();
    const { consentId } = granted(await consentTo({ pseudonym }, "re-identification", domainOf(hospital)));
    const own = { pseudonym, domain: domainOf(hospital), purpose: "research" } as const;
    const acts: [() => Promise<{ granted: boolean }>, string, string, string][] = [
      [() => node.patients.register(hospital, { identifier, purpose: "quality" }), "register-identifier", "quality", "granted"],
      [() => node.patients.register(hospital, { identifier, purpose: "quality", pseudonym: `0x${"00".repeat(31)}` }), "register-identifier", "quality", "refused"],
      [() => node.patients.translate(hospital, { ...own, domain: "journey", purpose: "treatment" }), "translate", "treatment", "granted"],
      [() => node.patients.translate(hospital, { ...own, domain: "payer-x" }), "translate", "research", "refused"],
      [() => node.patients.reidentify(researcher, own), "re-identify", "research", "granted"],
      [() => node.patients.reidentify(researcher, { ...own, purpose: "payment" }), "re-identify", "payment", "refused"],
      [() => node.patients.merge(hospital, [{ surviving: identifier, subsumed: identifier }]), "merge", "patient-administration", "refused"],
      [() => node.patients.unmerge(hospital, { merge: 999 }), "unmerge", "patient-administration", "refused"],
      [() => node.patients.revokeConsent(researcher, consentId), "revoke-consent", "patient-administration", "refused"],
      [() => node.patients.revokeConsent(hospital, consentId), "revoke-consent", "patient-administration", "granted"],
      [() => node.patients.patientForJourney(hospital, identifier), "translate", "treatment", "granted"],
      [() => node.patients.patientForJourney(researcher, { pseudonym }), "translate", "treatment", "refused"],
      [() => node.patients.erase(researcher, identifier, () => Promise.resolve(undefined)), "erase", "patient-administration", "refused"],
    ];
    for (const [act, action, purpose, outcome] of acts) {
      const before = (await trail()).length;
      expect((await act()).granted).toBe(outcome === "granted");
      const [entry, ...rest] = await trail();
      expect(rest.length).toBe(before);
      expect(entry).toMatchObject({ number: before + 1, action, purpose, outcome, occurredAt: node.clock.now });
      expect(entry?.reason).not.toBe("");
    }
  });

  it("keeps its order under concurrent look-ups, and shows each organisation its own part", async () => {
    const [one, two] = [organisation("treatment-centre"), organisation("apheresis-centre")];
    const before = (await trail()).length;
    await Promise.all(
      Array.from({ length: 20 }, (_, count) =>
        node.patients.register(count % 2 === 0 ? one : two, { identifier: mrn(`same-${count % 4}`), purpose: "treatment" }),
      ),
    );
    expect((await trail()).length).toBe(before + 20);
    expect(await node.patients.verify()).toMatchObject({ intact: true, entries: before + 20, crosswalkAgrees: true });
    const own = await node.patients.audit(one.participantId, EVERYTHING);
    expect(own).toHaveLength(10);
    expect(own.every((entry) => entry.participantId === one.participantId)).toBe(true);
  });

  it("names no patient: no identifier, pseudonym or record in what is shown, none the same for one patient twice", async () => {
    const { identifier, pseudonym } = await newPatient();
    await node.patients.register(hospital, { identifier, purpose: "treatment" });
    const shown = (await trail()).slice(0, 2);
    const records = await node.database.selectFrom("patient_records").select("record_id").execute();
    for (const secret of [identifier.value, pseudonym.slice(2), ...records.map((row) => row.record_id)])
      expect(JSON.stringify(shown)).not.toContain(secret);
    expect(shown[0]?.subjectHash).not.toBe(shown[1]?.subjectHash);
  });
});
