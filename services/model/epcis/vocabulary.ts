/**
 * The Core Business Vocabulary 2.0 (GS1; ISO/IEC 19988) as data: the bare words EPCIS 2.0 JSON-LD allows, and the
 * web vocabulary stems they stand for. Any other word must be a URI of another namespace.
 */
export const BUSINESS_STEPS = [
  "accepting", "arriving", "assembling", "collecting", "commissioning", "consigning", "creating_class_instance",
  "cycle_counting", "decommissioning", "departing", "destroying", "disassembling", "dispensing", "encoding",
  "entering_exiting", "holding", "inspecting", "installing", "killing", "loading", "other", "packing", "picking",
  "receiving", "removing", "repackaging", "repairing", "replacing", "reserving", "retail_selling", "shipping",
  "staging_outbound", "stock_taking", "stocking", "storing", "transporting", "unloading", "unpacking", "void_shipping",
  "sensor_reporting", "sampling",
] as const;

export const DISPOSITIONS = [
  "active", "container_closed", "damaged", "destroyed", "dispensed", "disposed", "encoded", "expired", "in_progress",
  "in_transit", "inactive", "no_pedigree_match", "non_sellable_other", "partially_dispensed", "recalled", "reserved",
  "retail_sold", "returned", "sellable_accessible", "sellable_not_accessible", "stolen", "unknown", "available",
  "completeness_verified", "completeness_inferred", "conformant", "container_open", "mismatch_instance",
  "mismatch_class", "mismatch_quantity", "needs_replacement", "non_conformant", "unavailable",
] as const;

export const BUSINESS_TRANSACTION_TYPES = [
  "bol", "cert", "desadv", "inv", "pedigree", "po", "poc", "prodorder", "recadv", "rma", "testprd", "testres", "upevt",
] as const;

export const SOURCE_DESTINATION_TYPES = ["owning_party", "possessing_party", "location"] as const;

export const ERROR_REASONS = ["did_not_occur", "incorrect_data"] as const;

export const SENSOR_ALERTS = ["ALARM_CONDITION", "ERROR_CONDITION"] as const;

export const COMPONENTS = [
  "x", "y", "z", "axial_distance", "azimuth", "height", "spherical_radius", "polar_angle", "elevation_angle",
  "easting", "northing", "latitude", "longitude", "altitude",
] as const;

export const MEASUREMENT_TYPES = [
  "AbsoluteHumidity", "AbsorbedDose", "AbsorbedDoseRate", "Acceleration", "Radioactivity", "Altitude",
  "AmountOfSubstance", "AmountOfSubstancePerUnitVolume", "Angle", "AngularAcceleration", "AngularMomentum",
  "AngularVelocity", "Area", "Capacitance", "Conductance", "Conductivity", "Count", "Density", "Dimensionless",
  "DoseEquivalent", "DoseEquivalentRate", "DynamicViscosity", "ElectricCharge", "ElectricCurrent",
  "ElectricCurrentDensity", "ElectricFieldStrength", "Energy", "Exposure", "Force", "Frequency", "Illuminance",
  "Inductance", "Irradiance", "KinematicViscosity", "Length", "LinearMomentum", "Luminance", "LuminousFlux",
  "LuminousIntensity", "MagneticFlux", "MagneticFluxDensity", "MagneticVectorPotential", "Mass", "MassConcentration",
  "MassFlowRate", "MassPerAreaTime", "MemoryCapacity", "MolalityOfSolute", "MolarEnergy", "MolarMass", "MolarVolume",
  "Power", "Pressure", "RadiantFlux", "RadiantIntensity", "RelativeHumidity", "Resistance", "Resistivity", "SolidAngle",
  "SpecificVolume", "Speed", "SurfaceDensity", "SurfaceTension", "Temperature", "Time", "Torque", "Voltage", "Volume",
  "VolumeFlowRate", "VolumeFraction", "VolumetricFlux", "Wavenumber",
] as const;

/** UN/CEFACT Recommendation 20 codes of the units Threadline itself writes. */
export const UNITS_OF_MEASURE = {
  degreeCelsius: "CEL",
  degreeOfAngle: "DD",
  metrePerSecondSquared: "MSK",
} as const;

export const CBV_NAMESPACE = "https://ref.gs1.org/cbv/";
export const GS1_NAMESPACE = "https://gs1.org/voc/";

/** A vocabulary of bare words, the stem of their URIs and, where CBV 1.x had one, of their URNs. */
export interface Vocabulary {
  name: string;
  words: readonly string[];
  stem: string;
  legacyStem: string | null;
}

export const VOCABULARIES = {
  bizStep: vocabulary("bizStep", BUSINESS_STEPS, `${CBV_NAMESPACE}BizStep-`, "urn:epcglobal:cbv:bizstep:"),
  disposition: vocabulary("disposition", DISPOSITIONS, `${CBV_NAMESPACE}Disp-`, "urn:epcglobal:cbv:disp:"),
  bizTransaction: vocabulary("bizTransaction", BUSINESS_TRANSACTION_TYPES, `${CBV_NAMESPACE}BTT-`, "urn:epcglobal:cbv:btt:"),
  sourceDestination: vocabulary("source/destination", SOURCE_DESTINATION_TYPES, `${CBV_NAMESPACE}SDT-`, "urn:epcglobal:cbv:sdt:"),
  errorReason: vocabulary("error reason", ERROR_REASONS, `${CBV_NAMESPACE}ER-`, "urn:epcglobal:cbv:er:"),
  component: vocabulary("component", COMPONENTS, `${CBV_NAMESPACE}Comp-`, null),
  sensorAlert: vocabulary("exception", SENSOR_ALERTS, GS1_NAMESPACE, null),
  measurement: vocabulary("measurement type", MEASUREMENT_TYPES, GS1_NAMESPACE, null),
} as const;

function vocabulary(name: string, words: readonly string[], stem: string, legacyStem: string | null): Vocabulary {
  return { name, words, stem, legacyStem };
}

/** The URI of a vocabulary word; a CBV 1.x URN becomes the CBV 2.0 URI; any other text is answered unchanged. */
export function vocabularyUri(vocabulary: Vocabulary, word: string): string {
  if (vocabulary.words.includes(word)) return vocabulary.stem + word;
  const legacy = vocabulary.legacyStem;
  return legacy !== null && word.startsWith(legacy) ? vocabulary.stem + word.slice(legacy.length) : word;
}
