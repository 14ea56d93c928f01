import { createDatabase } from "../../services/store/database.ts";

const directory = process.argv[2];
if (directory === undefined) throw new Error("usage: writer.ts DIRECTORY");
const { database } = await createDatabase({ directory });
process.stdout.write("open\n");
for (let number = 1; ; number += 1) {
  await database
    .insertInto("api_keys")
    .values({ key_hash: `hash-${number}`, participant_id: null, created_at_milliseconds: number, revoked_at_milliseconds: null })
    .execute();
  process.stdout.write(`${number}\n`);
}
