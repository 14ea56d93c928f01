import type { PrintedLabel } from "./printed-label.ts";

/** What became of the labels printed for a journey, as counted by hand: the id of each label on a bag, and of each destroyed. */
export interface LabelCount {
  applied: readonly string[];
  destroyed: readonly string[];
}

export type LabelDifference = "unaccounted" | "counted-twice" | "not-printed" | "voided-but-applied";

export interface LabelReconciliation {
  printed: number;
  applied: number;
  destroyed: number;
  /** Empty when printed = applied + destroyed, label by label. */
  differences: { labelId: string; difference: LabelDifference }[];
}

/**
 * Reconciles labels (EU GMP part IV, 21 CFR 211.125): each one printed is either on a bag or destroyed, once. Equal
 * totals are not enough, since a missing label and a foreign one cancel out; so labels are compared one by one.
 */
export function reconcileLabels(printed: readonly PrintedLabel[], count: LabelCount): LabelReconciliation {
  const known = new Map(printed.map((label) => [label.labelId, label]));
  const counted = new Map<string, number>();
  for (const labelId of [...count.applied, ...count.destroyed]) counted.set(labelId, (counted.get(labelId) ?? 0) + 1);
  const applied = new Set(count.applied);
  const differences: LabelReconciliation["differences"] = [];
  for (const { labelId, voided } of printed) {
    if (!counted.has(labelId)) differences.push({ labelId, difference: "unaccounted" });
    else if (voided && applied.has(labelId)) differences.push({ labelId, difference: "voided-but-applied" });
  }
  for (const [labelId, times] of counted) {
    if (!known.has(labelId)) differences.push({ labelId, difference: "not-printed" });
    else if (times > 1) differences.push({ labelId, difference: "counted-twice" });
  }
  return { printed: printed.length, applied: count.applied.length, destroyed: count.destroyed.length, differences };
}
