import type { Act } from "./audited.ts";

/** Whether the caller's message was applied before: a late copy must not redo what was undone since. */
export async function isRepeated({ transaction, keys, actor }: Act, messageIdentity: string | undefined): Promise<boolean> {
  if (messageIdentity === undefined) return false;
  const row = await transaction
    .selectFrom("patient_messages")
    .select("message_index")
    .where("message_index", "=", keys.blindIndex("message", JSON.stringify([actor.participantId, messageIdentity])))
    .executeTakeFirst();
  return row !== undefined;
}

/** Remembers a message in the transaction that applies it. One that was refused is not remembered and may come again. */
export async function rememberMessage({ transaction, keys, actor, now }: Act, messageIdentity: string | undefined): Promise<void> {
  if (messageIdentity === undefined) return;
  const message_index = keys.blindIndex("message", JSON.stringify([actor.participantId, messageIdentity]));
  await transaction.insertInto("patient_messages").values({ message_index, received_at_milliseconds: now }).execute();
}
