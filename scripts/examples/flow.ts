import { specificationHash } from "./batch.ts";

/**
 * The flow the examples follow: fresh apheresis in, cryopreserved product out. Limits are examples taken from public
 * labels and practice (2 to 8 °C and 72 h for fresh apheresis, at most −120 °C for the product, 30 min from thaw to
 * infusion); a real flow states its own.
 */
export const flow = {
  name: "autologous-car-t-fresh-in-cryo-out",
  version: 2,
  lateEntryToleranceSeconds: 14_400,
  handoverToleranceSeconds: 1_800,
  profiles: [
    {
      name: "apheresis-fresh-cool",
      minimumTemperatureCelsius: 2,
      maximumTemperatureCelsius: 8,
      temperatureBudgetSeconds: 0,
      tiltLimitDegrees: null,
      tiltBudgetSeconds: 0,
      longestGapSeconds: 900,
      longestDurationSeconds: 172_800,
    },
    {
      name: "drug-product-cryo",
      minimumTemperatureCelsius: -196,
      maximumTemperatureCelsius: -120,
      temperatureBudgetSeconds: 0,
      tiltLimitDegrees: 30,
      tiltBudgetSeconds: 1_800,
      longestGapSeconds: 900,
      longestDurationSeconds: 864_000,
    },
  ],
  steps: [
    step("therapy-order", "Therapy ordered, slot reserved, Chain of Identity issued", "treatment-centre", "none"),
    step("patient-identity-check", "Patient identified at the bedside", "apheresis-centre", "none", ["therapy-order"]),
    step("apheresis-collection", "Leukapheresis collected and labelled", "apheresis-centre", "take", ["patient-identity-check"]),
    { ...step("collection-sampling", "Quality control sample taken", "apheresis-centre", "hold", ["apheresis-collection"]), repeatable: true },
    {
      ...step("collection-packing", "Collection packed for cool transport", "apheresis-centre", "hold", ["apheresis-collection"]),
      within: [{ of: "apheresis-collection", seconds: 7_200 }],
    },
    step("inbound-shipper-assignment", "Logger fixed to the shipper", "logistics-provider", "none", ["therapy-order"]),
    step("collection-release", "Released to the courier", "apheresis-centre", "release", ["collection-packing", "inbound-shipper-assignment"]),
    step("collection-pickup", "Accepted by the courier", "logistics-provider", "accept", ["collection-release"]),
    step("collection-delivery", "Delivered to the manufacturer's dock", "logistics-provider", "release", ["collection-pickup"]),
    {
      ...step("collection-receipt", "Accepted by the manufacturer", "manufacturing-site", "accept", ["collection-delivery"]),
      within: [{ of: "apheresis-collection", seconds: 172_800 }],
    },
    {
      ...step("receipt-inspection", "Receipt inspected: seal, label, temperature record", "manufacturing-site", "hold", ["collection-receipt"]),
      identityCheck: "one-person",
    },
    step("starting-material-disposition", "Starting material out of quarantine", "manufacturing-site", "hold", ["receipt-inspection"]),
    step("manufacture", "Cells selected, transduced, expanded and harvested", "manufacturing-site", "hold", ["starting-material-disposition"]),
    step("cryopreservation", "Product formulated, filled and cryopreserved", "manufacturing-site", "hold", ["manufacture"]),
    {
      ...step("product-labelling", "Product labelled and labels reconciled", "manufacturing-site", "hold", ["cryopreservation"]),
      identityCheck: "one-person",
    },
    step("quality-control-tests", "Release tests within specification", "manufacturing-site", "hold", ["cryopreservation"]),
    step("batch-record-review", "Batch record reviewed by exception", "manufacturing-site", "hold", ["quality-control-tests", "product-labelling"]),
    {
      ...step("product-packing", "Product packed in the dry vapour shipper", "manufacturing-site", "hold", ["batch-record-review"]),
      requiredGate: "release-for-shipment",
    },
    step("product-release", "Released to the courier", "manufacturing-site", "release", ["product-packing"]),
    step("product-pickup", "Accepted by the courier", "logistics-provider", "accept", ["product-release"]),
    step("product-delivery", "Delivered to the hospital", "logistics-provider", "release", ["product-pickup"]),
    step("product-receipt", "Accepted by the treatment centre", "treatment-centre", "accept", ["product-delivery"]),
    {
      ...step("pharmacy-verification", "Identity and documents verified", "treatment-centre", "hold", ["product-receipt"]),
      identityCheck: "two-person",
    },
    { ...step("thaw", "Thawed, no visible ice", "treatment-centre", "hold", ["pharmacy-verification"]), requiredGate: "clearance-to-infuse" },
    {
      ...step("infusion", "Infused", "treatment-centre", "hold", ["thaw"]),
      within: [{ of: "thaw", seconds: 1_800 }],
    },
  ],
  legs: [
    { leg: "inbound", from: "collection-pickup", to: "collection-receipt", profile: "apheresis-fresh-cool" },
    { leg: "outbound", from: "product-pickup", to: "product-receipt", profile: "drug-product-cryo" },
  ],
  gates: [
    {
      gate: "certification",
      title: "Certification by the qualified person",
      roles: ["qualified-person"],
      requiredSteps: [
        "patient-identity-check",
        "collection-receipt",
        "receipt-inspection",
        "product-labelling",
        "quality-control-tests",
        "batch-record-review",
      ],
      requiredLegs: ["inbound"],
      requiredGates: [],
      requiredSpecifications: ["release"],
      waivedByExceptionalRelease: true,
    },
    {
      gate: "release-for-shipment",
      title: "Release for shipment to the hospital",
      roles: ["qualified-person"],
      requiredSteps: ["batch-record-review"],
      requiredLegs: ["inbound"],
      requiredGates: ["certification"],
    },
    {
      gate: "clearance-to-infuse",
      title: "Clearance to infuse",
      roles: ["qualified-person"],
      requiredSteps: ["product-receipt", "pharmacy-verification"],
      requiredLegs: ["outbound"],
      requiredGates: ["release-for-shipment"],
    },
  ],
  specifications: [{ name: "release", documentHash: specificationHash }],
};

/** The same flow, but the batch is certified with the certifying person's own key only: no node can certify for them. */
export const ownKeyFlow = {
  ...flow,
  gates: flow.gates.map((gate) => (gate.gate === "certification" ? { ...gate, ownKey: true } : gate)),
};

function step(name: string, title: string, role: string, custody: string, after: string[] = []) {
  return { step: name, title, roles: [role], custody, after };
}
