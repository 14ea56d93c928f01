import { ThreadlineError } from "../../../model/errors.ts";
import type { Stage } from "./act.ts";

interface ListedException {
  number: number | null;
  code: string;
}

/** Number on the ledger of the journey's newest exception of a code. Throws `journey-request-refused` when there is none. */
export async function numberOfException({ journeyId, operator }: Pick<Stage, "journeyId" | "operator">, code: string): Promise<number> {
  const { exceptions } = await operator.must(operator.get<{ exceptions: ListedException[] }>(`/journeys/${journeyId}/exceptions`));
  const number = exceptions.filter((exception) => exception.code === code).at(-1)?.number ?? undefined;
  if (number === undefined) throw new ThreadlineError("journey-request-refused", `the ledger has no exception ${code} of this journey`, { code });
  return number;
}
