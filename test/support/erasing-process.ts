import { createPatientTranslator } from "../../services/patients/index.ts";
import { createDatabase } from "../../services/store/database.ts";
import { eraseSubject } from "../../services/store/erasure/erase-subject.ts";
import type { SubjectEraser } from "../../services/store/erasure/eraser.ts";
import { STORE_ERASERS } from "../../services/store/erasure/erasers.ts";

/**
 * Erases a subject up to a given number of parts and stops there, in the middle of its transaction, until it is killed.
 * Arguments: directory of the database, the node's secret in hexadecimal, the subject, how many parts.
 */
const [directory = "", secretText = "", subject = "", parts = ""] = process.argv.slice(2);
const secret = Buffer.from(secretText, "hex");
const { database } = await createDatabase({ directory, secret });
const patients = createPatientTranslator({ secret }, { database });
const stop: SubjectEraser = {
  name: "stop",
  erase() {
    process.stdout.write("stopped\n");
    setInterval(() => undefined, 1_000);
    return new Promise(() => undefined);
  },
};
const all = [patients.subjectEraser, ...STORE_ERASERS];
await eraseSubject(database, [...all.slice(0, Number(parts)), stop], { subject, reason: "killed in the middle" });
