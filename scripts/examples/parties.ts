/** GS1's own example company prefix and invented organisations: nothing here names a real party or person. */
export const participants = [
  {
    id: "hospital",
    gln: "9506000134369",
    name: "Example University Hospital",
    roles: ["treatment-centre", "apheresis-centre"],
    persons: [
      { id: "pharmacist", name: "First Pharmacist of Example University Hospital" },
      { id: "nurse", name: "Second Checker of Example University Hospital" },
    ],
  },
  { id: "courier", gln: "9506000149301", name: "Example Cool Courier", roles: ["logistics-provider"] },
  { id: "manufacturer", gln: gln("950600015001"), name: "Example Cell Manufacturing", roles: ["manufacturing-site"] },
  { id: "qualified-person", gln: gln("950600015002"), name: "Qualified Person of Example Cell Manufacturing", roles: ["qualified-person"] },
  { id: "quality", gln: gln("950600015005"), name: "Quality Assurance of Example Cell Manufacturing", roles: ["quality-assurance"] },
  { id: "laboratory", gln: gln("950600015006"), name: "Example Testing Laboratory", roles: ["testing-laboratory"] },
  { id: "regulator", gln: gln("950600015003"), name: "Example Medicines Authority", roles: ["regulator"] },
  { id: "auditor", gln: gln("950600015004"), name: "Example Auditors", roles: ["auditor"] },
];

/** The certifying person, the second checker at the bedside and the courier's integration sign with keys of their own. */
export const castWithOwnKeys = participants.map((participant) => {
  if (participant.id === "courier") return { ...participant, key: "own" };
  if (participant.id === "qualified-person")
    return { ...participant, persons: [{ id: "certifier", name: "Certifying Person of Example Cell Manufacturing", key: "own" }] };
  const persons = participant.persons?.map((person) => (person.id === "nurse" ? { ...person, key: "own" } : person));
  return persons === undefined ? participant : { ...participant, persons };
});

/** Invented, and only ever sent to the node that keeps the crosswalk. */
export const PATIENT = { system: "https://hospital.example/records", value: "EXAMPLE-0001" };
export const LABORATORY_KEY = "9506000134LAB1";
export const BIOREACTOR = "9506000134BIO1";
export const BATCH = "https://id.example.org/transformation/BATCH-0001";
export const CHAIN_OF_IDENTITY = "CHA999926000001";
export const ANOTHER_CHAIN_OF_IDENTITY = "CHA999926000002";
export const INBOUND_LOGGER = "9506000134LOG7";
export const OUTBOUND_LOGGER = "9506000134LOG8";
export const APHERESIS_BAG = "https://id.gs1.org/01/09506000134352/21/APH0001";
export const PRODUCT_BAG = "https://id.gs1.org/01/09506000134383/21/DPBAG01";
export const COOL_SHIPPER = `https://id.gs1.org/8003/0${gln("950600013437")}S1`;
export const DRY_SHIPPER_GRAI = `0${gln("950600013437")}D1`;
export const DRY_SHIPPER = `https://id.gs1.org/8003/${DRY_SHIPPER_GRAI}`;

/** A GLN from its first twelve digits: the GS1 mod-10 check digit. */
export function gln(twelve: string): string {
  const sum = [...twelve].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0);
  return twelve + String((10 - (sum % 10)) % 10);
}

export function glnOf(id: string): string {
  const found = participants.find((participant) => participant.id === id);
  if (found === undefined) throw new RangeError(`no participant "${id}"`);
  return found.gln;
}
