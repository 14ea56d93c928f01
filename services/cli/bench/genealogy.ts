import { BATCHES_PER_LOT, timeGenealogy } from "../../network/genealogy-bench.ts";
import { measurement } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";

const JOURNEYS = 100_000;
const TARGET = { atMost: 100 };

/** Genealogy both ways over a hundred thousand journeys, in an embedded database. */
export async function benchGenealogy(): Promise<Measurement[]> {
  const times = await timeGenealogy(JOURNEYS);
  const of = `of ${JOURNEYS.toLocaleString("en-GB")} journeys`;
  return [
    measurement("genealogy-donor-to-patient", `donation forward to its patient, ${of}`, "ms", times.donorToPatient, TARGET),
    measurement("genealogy-patient-to-donor", `patient back to donor and raw materials, ${of}`, "ms", times.patientToDonor, TARGET),
    measurement("genealogy-lot-to-batches", `raw material lot to its ${BATCHES_PER_LOT} batches and patients, ${of}`, "ms", times.lotToBatches, TARGET),
    measurement("genealogy-lot-as-manufacturer", "the same, judged edge by edge for the manufacturer of all", "ms", times.lotToBatchesOfManufacturer, TARGET),
  ];
}
