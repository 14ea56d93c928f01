import type { Command } from "commander";
import type { SignOptions } from "./commands/sign.ts";
import type { SigningRequest } from "../client/index.ts";

/** Names an act by the command's arguments and options. */
type Ask = (values: string[], options: Record<string, string>) => SigningRequest;

interface Act {
  usage: string;
  description: string;
  /** Options that it needs, with what they are. */
  options?: Record<string, string>;
  ask: Ask;
}

/** Acts on a journey, each signed with a key of one's own. The journey's id is the first argument of each. */
const ACTS: Act[] = [
  {
    usage: "release <journey> <gate>",
    description: "release a gate",
    ask: ([gate = ""]) => ({ act: "release", gate }),
  },
  {
    usage: "exception <journey> <number> <stage>",
    description: "move an exception to another stage",
    options: { reason: "why, at least ten characters" },
    ask: ([number = "", stage = ""], { reason = "" }) => ({ act: "exception-transition", number: Number(number), to: stage as never, reason }),
  },
  {
    usage: "disposition <journey> <decision>",
    description: "decide on the batch: accepted, on-hold, rejected …",
    options: { reason: "why, at least ten characters" },
    ask: ([decision = ""], { reason = "" }) => ({ act: "disposition", decision: decision as never, reason }),
  },
  {
    usage: "exceptional-release <journey> <step>",
    description: "take a step of an out-of-specification batch's way",
    options: { reason: "why, at least ten characters" },
    ask: ([step = ""], { reason = "" }) => ({ act: "exceptional-release-step", step: step as never, reason }),
  },
  {
    usage: "recall <journey> <recalls>",
    description: "say that the first so many recalls have reached you",
    ask: ([recalls = ""]) => ({ act: "recall-acknowledgement", recalls: Number(recalls) }),
  },
  {
    usage: "interval <journey> <leg>",
    description: "accept the next interval of a leg without proof, under an accepted exception",
    options: { exception: "number of the exception" },
    ask: ([leg = ""], { exception = "" }) => ({ act: "interval-acceptance", leg, exceptionNumber: Number(exception) }),
  },
  {
    usage: "equipment <journey> <leg>",
    description: "accept what carried a leg, though it was not qualified, under an accepted exception",
    options: { exception: "number of the exception" },
    ask: ([leg = ""], { exception = "" }) => ({ act: "equipment-acceptance", leg, exceptionNumber: Number(exception) }),
  },
  {
    usage: "identity-check <journey> <commitment>",
    description: "sign an identity check that your scan began",
    options: { step: "step of the flow you scanned at", coi: "Chain of Identity that the label showed" },
    ask: ([linkedCommitment = ""], { step = "", coi = "" }) => ({ act: "identity-check", linkedCommitment, step, chainOfIdentity: coi }),
  },
  {
    usage: "grant <journey> <recipient>",
    description: "grant an organisation (GLN) access to a journey's content, or to scopes named",
    options: { scopes: "content, identity or both, comma-separated", thumbprint: "of the recipient's key, as the recipient told you" },
    ask: ([recipient = ""], { scopes = "", thumbprint = "" }) => ({ act: "access-grant", recipient, scopes: scopes.split(",") as never, keyThumbprint: thumbprint }),
  },
  {
    usage: "milestones <journey> <recipient>",
    description: "let an organisation (GLN), such as a payer, see a journey's milestones and nothing else",
    ask: ([recipient = ""]) => ({ act: "access-grant", recipient, scopes: ["milestones"] }),
  },
  {
    usage: "revoke <journey> <grant>",
    description: "end a grant",
    ask: ([grantId = ""]) => ({ act: "access-revocation", grantId }),
  },
];

/** `key` and `sign`: keys that stay on their holder's machine, and acts signed with them. */
export function addSigningCommands(program: Command): void {
  const key = program.command("key").description("signing keys of your own, kept on this machine under a passphrase");
  key
    .command("make <file>")
    .description("make a key and print the account to be registered; the file is never written over")
    .option("--passphrase-file <file>", "file with the passphrase, for scripts")
    .action(async (file: string, options) => (await import("./commands/key.ts")).makeKey(file, options));
  key
    .command("show <file>")
    .description("print the account of a key file")
    .action(async (file: string) => (await import("./commands/key.ts")).showKey(file));

  const sign = program.command("sign").description("sign an act with your own key on this machine (THREADLINE_API_KEY: yours)");
  for (const { usage, description, options = {}, ask } of ACTS) {
    const command = withKey(sign.command(usage).description(description));
    for (const [name, what] of Object.entries(options)) command.requiredOption(`--${name} <${name}>`, what);
    command.action(async (journey: string, ...rest: unknown[]) => {
      const given = rest.at(-2) as Record<string, string> & SignOptions;
      const values = rest.slice(0, -2) as string[];
      await (await import("./commands/sign.ts")).sign(journey, ask(values, given), given);
    });
  }
  withKey(sign.command("capture <journey> <file>").description("capture an EPCIS document with your signature under each event")).action(
    async (journey: string, file: string, options) => (await import("./commands/sign.ts")).signCapture(journey, file, options),
  );
  withKey(sign.command("own-keys <gln>").description("end hosted signing for your organisation; only its own keys sign from then on")).action(
    async (gln: string, options) => (await import("./commands/sign.ts")).signOwnKeys(gln, options),
  );
  withKey(sign.command("endorsement <gln> <account>").description("vouch for another account of your organisation; prints what the operator adds it with")).action(
    async (gln: string, account: string, options) => (await import("./commands/sign.ts")).signEndorsement(gln, account, options),
  );
}

function withKey(command: Command): Command {
  return command
    .requiredOption("--key <file>", "the key file")
    .option("--passphrase-file <file>", "file with the passphrase, for scripts (or THREADLINE_KEY_PASSPHRASE)")
    .option("--yes", "the statement was read and is to be signed, for scripts")
    .option("--rpc <url>", "JSON-RPC endpoint of the chain")
    .option("--addresses <file>", "JSON file with the contract addresses you trust");
}
