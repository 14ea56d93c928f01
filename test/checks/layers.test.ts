import { join } from "node:path";
import { ESLint } from "eslint";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../support/threadline.ts";

/** The lint rule that holds the layers must bite: an arrow drawn the wrong way is refused. */
describe("layers", () => {
  const eslint = new ESLint({ cwd: projectRoot });
  const messagesFor = async (file: string, code: string) => {
    const [result] = await eslint.lintText(code, { filePath: join(projectRoot, file) });
    return (result?.messages ?? []).map((message) => message.message);
  };

  it.each([
    ["services/model/custody/x.ts", 'import "../../store/outbox.ts";', /model may lean on nothing/],
    ["services/model/x.ts", 'import { readFileSync } from "node:fs"; readFileSync("x");', /model is pure/],
    ["services/model/x.ts", "process.exit(1);", /process/],
    ["services/store/x.ts", 'import "../ledger/relay.ts";', /store may lean on model only/],
    ["services/labels/x.ts", 'import "../store/database.ts";', /labels may lean on model only/],
    ["services/patients/x.ts", 'import "../ledger/keyring.ts";', /patients may lean on model, store only/],
    ["services/verification/checks/x.ts", 'import "../../store/database.ts";', /verification may lean on model only/],
    ["services/oracle/routes/x.ts", 'import "../../telemetry/index.ts";', /oracle may lean on/],
    ["services/cli/commands/x.ts", 'import "../../oracle/index.ts";', /cli may lean on/],
    ["scripts/build/x.ts", 'import "../../services/oracle/index.ts";', /scripts may lean on/],
  ])("%s must not say %s", async (file, code, message) => {
    expect((await messagesFor(file, code)).join("\n")).toMatch(message);
  });

  it("lets the right arrows pass", async () => {
    expect(await messagesFor("services/oracle/routes/x.ts", 'import "../../store/outbox.ts";')).toEqual([]);
    expect(await messagesFor("services/oracle/routes/x.ts", 'import "../../labels/index.ts";')).toEqual([]);
    expect(await messagesFor("services/network/x.ts", 'import "../../scripts/deploy/deploy.ts";')).toEqual([]);
  });
});
