import type { Kysely } from "kysely";
import { partOfDetail } from "../../model/privacy/index.ts";
import type { JourneyPart } from "../../model/privacy/index.ts";
import type { Database } from "../../store/schema.ts";
import { sees } from "../http/caller.ts";
import type { Caller } from "../http/caller.ts";
import { exceptionsOf } from "./exceptions.ts";
import type { ExceptionView } from "./exceptions.ts";
import { seesOf } from "./visible.ts";
import type { Journey } from "./visible.ts";

const WITHHELD = { observed: null, limit: null, unit: "", message: "The detail is not within your view." };

/** Every exception of a journey as far as the caller's view goes: details that may name an identity, and reasons, only to whom they are due. */
export async function shownExceptions(database: Kysely<Database>, caller: Caller, journey: Journey, now: number): Promise<ExceptionView[]> {
  const exceptions = await exceptionsOf(database, journey, now);
  const knowsIdentity = await seesOf(database, caller, journey.journey_id, "identity");
  const shows = (part: JourneyPart) => (part === "identity" ? knowsIdentity : sees(caller, part));
  const readsReasons = sees(caller, "quality") || knowsIdentity;
  return exceptions.map((exception) => ({
    ...exception,
    ...(shows(partOfDetail(exception.code)) ? {} : WITHHELD),
    history: exception.history.map((entry) => (readsReasons ? entry : { ...entry, reason: null, reasonSalt: null })),
  }));
}
