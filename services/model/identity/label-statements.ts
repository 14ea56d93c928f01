/** Stands on every label (21 CFR 1271.90(c)(1); Regulation (EC) 1394/2007 annex III (n)). */
export const AUTOLOGOUS_STATEMENT = "FOR AUTOLOGOUS USE ONLY";

/** Statements a label may carry besides; chosen by name, so that nobody types a patient's name into one. */
export const LABEL_STATEMENTS = {
  "not-evaluated-for-infectious-substances": "NOT EVALUATED FOR INFECTIOUS SUBSTANCES",
  "communicable-disease-risk": "WARNING: Advise recipient of communicable disease risks",
  biohazard: "BIOHAZARD",
  "do-not-irradiate": "DO NOT IRRADIATE",
  "no-leukodepleting-filter": "DO NOT USE A LEUKODEPLETING FILTER",
  "clinical-trial-use": "FOR CLINICAL TRIAL USE ONLY",
  "investigational-new-drug": "CAUTION: New drug, limited by federal law to investigational use",
} as const;

export type LabelStatement = keyof typeof LABEL_STATEMENTS;
