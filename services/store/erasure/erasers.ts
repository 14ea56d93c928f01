import type { SubjectEraser } from "./eraser.ts";
import { journeyEraser } from "./journey-eraser.ts";
import { batchEraser, genealogyEraser, issuedIdentifierEraser, labelEraser, reasonEraser } from "./record-erasers.ts";
import { strayEraser } from "./stray-eraser.ts";

/**
 * Erasers of everything this layer keeps, in their order: strays are found by the subject's identifiers, so they come
 * first, and the journey, whose keys end with it, comes last. What other layers keep goes before them.
 */
export const STORE_ERASERS: readonly SubjectEraser[] = [
  strayEraser,
  labelEraser,
  batchEraser,
  genealogyEraser,
  reasonEraser,
  issuedIdentifierEraser,
  journeyEraser,
];
