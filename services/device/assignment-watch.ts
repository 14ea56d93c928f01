import { ThreadlineError } from "../model/errors.ts";
import type { Assignment } from "./messages.ts";

/** Which leg to wait for; any when left out. */
export interface LegChoice {
  journeyId?: string;
  leg?: number;
}

export interface AssignmentWatch {
  set(assignment: Assignment | null): void;
  wait(choice: LegChoice, timeoutSeconds: number, giai: string): Promise<Assignment>;
}

/** The assignment as it is now, for whoever waits for one. */
export function createAssignmentWatch(): AssignmentWatch {
  let current: Assignment | null = null;
  const waiting = new Set<() => void>();
  return {
    set(assignment) {
      current = assignment;
      [...waiting].forEach((check) => check());
    },
    wait: (choice, timeoutSeconds, giai) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (current === null || !fits(current, choice)) return;
          end();
          resolve(current);
        };
        const timeout = setTimeout(() => {
          end();
          reject(missing(choice, timeoutSeconds, giai, current));
        }, timeoutSeconds * 1000);
        const end = (): void => {
          clearTimeout(timeout);
          waiting.delete(check);
        };
        waiting.add(check);
        check();
      }),
  };
}

function fits(assignment: Assignment, choice: LegChoice): boolean {
  return (choice.journeyId ?? assignment.journeyId) === assignment.journeyId && (choice.leg ?? assignment.leg) === assignment.leg;
}

function missing(choice: LegChoice, timeoutSeconds: number, giai: string, current: Assignment | null): ThreadlineError {
  const wanted = choice.journeyId === undefined ? "any leg" : `leg ${choice.leg ?? "any"} of journey ${choice.journeyId}`;
  const present = current === null ? "it has none" : `it watches leg ${current.leg} of ${current.journeyId}`;
  return new ThreadlineError("assignment-missing", `${giai} was not assigned to ${wanted} within ${timeoutSeconds} s (${present}); assign it, and see that the bridge runs`, {
    giai,
    ...choice,
  });
}
