export { acknowledgementOf } from "./acknowledgement.ts";
export type { Acknowledgement, AcknowledgementCode } from "./acknowledgement.ts";
export { parseHl7Message } from "./message.ts";
export type { Hl7Message } from "./message.ts";
export { messageIdentityOf, patientEventOf } from "./patient-event.ts";
export type { Hl7ErrorCode, PatientEvent } from "./patient-event.ts";
