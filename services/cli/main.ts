import { Command } from "commander";
import { ensureBuilt } from "../../scripts/build/ensure-built.ts";
import { printError } from "./print.ts";
import { addSigningCommands } from "./signing-commands.ts";

/**
 * The command line. Each command lives in a file of its own and is loaded when it is asked for, after the contracts
 * and circuits it leans on are built.
 */
const program = new Command("threadline")
  .description("Ledger of record for cell and gene therapies: custody, condition and release by exception, proven.")
  .showHelpAfterError("(add --help for what this command takes)")
  .enablePositionalOptions();

const say = (line: string) => process.stderr.write(`threadline: ${line}\n`);

program
  .command("demo [folder]")
  .description("play a journey folder through an embedded network, then verify and audit it (default: examples/car-t)")
  .option("--json", "print one JSON object instead of a report")
  .option("--keep", "keep the network's folder and say where it is")
  .action(async (folder: string | undefined, options: { json?: boolean; keep?: boolean }) => {
    await ensureBuilt(say);
    const { demo } = await import("./commands/demo.ts");
    process.exitCode = await demo(folder, options);
  });

program
  .command("up")
  .description("run a network until it is told to stop; its state survives restarts and kills")
  .option("--json", "print the endpoints as one JSON object when ready")
  .action(async (options: { json?: boolean }) => {
    await ensureBuilt(say);
    const { up } = await import("./commands/up.ts");
    process.exitCode = await up(options);
  });

program
  .command("test [filters...]")
  .description("run every test, or the test files whose path holds one of the filters")
  .action(async (filters: string[]) => {
    await ensureBuilt(say);
    const { test } = await import("./commands/test.ts");
    process.exitCode = await test(filters);
  });

program
  .command("check")
  .description("check types, layers and style, and that circuits, keys and verifiers belong together")
  .action(async () => {
    await ensureBuilt(say);
    const { check } = await import("./commands/check.ts");
    process.exitCode = await check();
  });

program
  .command("bench")
  .description("measure what the README states, with this machine's facts")
  .option("--json", "print one JSON object")
  .option("--only <names>", "comma-separated measurements to run")
  .action(async (options: { json?: boolean; only?: string }) => {
    await ensureBuilt(say);
    const { bench } = await import("./commands/bench.ts");
    process.exitCode = await bench(options);
  });

program
  .command("verify <journey>")
  .description("check a journey as a regulator: from the chain alone (exit 0 compliant, 1 not compliant, 2 could not check)")
  .option("--json", "print one JSON object")
  .option("--rpc <url>", "JSON-RPC endpoint of the chain")
  .option("--addresses <file>", "JSON file with the contract addresses")
  .action(async (journey: string, options: { json?: boolean; rpc?: string; addresses?: string }) => {
    const { verify } = await import("./commands/verify.ts");
    process.exitCode = await verify(journey, options);
  });

const audit = program.command("audit").description("rebuild and check a journey's history as an auditor");
audit
  .command("replay <journey>")
  .description("replay the history from the chain and hold every disclosed event against it (exit 1 on any divergence)")
  .option("--json", "print one JSON object")
  .option("--html <file>", "write the timeline as one HTML page")
  .option("--rpc <url>", "JSON-RPC endpoint of the chain")
  .option("--addresses <file>", "JSON file with the contract addresses")
  .option("--api <url>", "oracle API that discloses the events")
  .option("--key <key>", "API key of the auditor")
  .action(async (journey: string, options) => {
    const { auditReplay } = await import("./commands/audit.ts");
    process.exitCode = await auditReplay(journey, options);
  });

const disclosure = program.command("disclosure").description("show chosen fields of an event, and check what was shown");
disclosure
  .command("make <journey>")
  .description("show the fields at these paths of an event, and nothing else of it")
  .requiredOption("--event <id>", "eventID of the event")
  .requiredOption("--paths <paths...>", 'JSON pointers such as /eventTime; "context"; "text" for the exact text')
  .option("--error-declaration", "the error declaration under this eventID, not the event it corrects")
  .option("--out <file>", "write the document to a file")
  .action(async (journey: string, options) => (await import("./commands/disclosure.ts")).discloseEventFields(journey, options));
disclosure
  .command("verify <file>")
  .description("check a disclosure against the chain alone (exit 0 holds, 1 does not hold, 2 could not check)")
  .option("--json", "print one JSON object")
  .option("--rpc <url>", "JSON-RPC endpoint of the chain")
  .option("--addresses <file>", "JSON file with the contract addresses")
  .action(async (file: string, options) => {
    const { verifyDisclosureFile } = await import("./commands/disclosure.ts");
    process.exitCode = await verifyDisclosureFile(file, options);
  });

const access = program.command("access").description("give an organisation the keys to a journey, and open what was given to you");
access
  .command("make-key <file>")
  .description("make your organisation's key pair (X25519), keep it in a file and register its public part")
  .action(async (file: string) => (await import("./commands/access.ts")).makeEncryptionKey(file));
access
  .command("grant <journey>")
  .description("wrap the journey's keys for another organisation, recorded on the ledger")
  .requiredOption("--recipient <gln>", "GLN of the organisation")
  .option("--scopes <scopes>", "content, identity, milestones, comma-separated; an organisation is granted no more than its duties may see", "content")
  .action(async (journey: string, options) => (await import("./commands/access.ts")).grantAccess(journey, options));
access
  .command("revoke <journey> <grant>")
  .description("end a grant: what follows is under another key")
  .action(async (journey: string, grant: string) => (await import("./commands/access.ts")).revokeAccess(journey, grant));
access
  .command("list <journey>")
  .description("list the grants of a journey")
  .action(async (journey: string) => (await import("./commands/access.ts")).listGrants(journey));
access
  .command("open <journey>")
  .description("decrypt on this machine what was granted to you")
  .requiredOption("--key <file>", "the file that make-key wrote")
  .action(async (journey: string, options) => (await import("./commands/access.ts")).openGranted(journey, options));

program
  .command("export <journey>")
  .description("write a journey's archive into a new folder: plain files to be read and checked without the network")
  .option("--out <folder>", "new or empty folder (default: journey-…)")
  .action(async (journey: string, options) => (await import("./commands/archive.ts")).exportJourney(journey, options));
program
  .command("verify-archive <path>")
  .description("check an archive offline (exit 0 genuine, 1 not genuine: files are named, 2 could not check)")
  .option("--digest <digest>", "the digest noted at the export")
  .option("--json", "print one JSON object")
  .action(async (path: string, options) => {
    const { verifyArchivePath } = await import("./commands/archive.ts");
    process.exitCode = await verifyArchivePath(path, options);
  });

program
  .command("erase <subject>")
  .description("destroy what was disclosed of a subject (Chain of Identity or journey id); says what the law makes stay")
  .requiredOption("--reason <text>", "why, in words that name nobody: it is kept")
  .option("--batch-expiry <date>", "expiry date of the batch, where no event on record names it")
  .option("--json", "print one JSON object")
  .action(async (subject: string, options) => (await import("./commands/erase.ts")).eraseSubject(subject, options));

const participant = program.command("participant").description("organisations of the network");
participant
  .command("add")
  .description("register an organisation; prints its API key once")
  .requiredOption("--gln <gln>", "thirteen-digit GLN")
  .requiredOption("--name <name>", "name for people")
  .requiredOption("--roles <roles>", "comma-separated duties, such as logistics-provider")
  .option("--account <address>", "the organisation's own signing account (threadline key make); without it the node makes and keeps a key")
  .action(async (options) => (await import("./commands/participant.ts")).addParticipant(options));
participant
  .command("list")
  .description("list the organisations")
  .action(async () => (await import("./commands/participant.ts")).listParticipants());

participant
  .command("add-person")
  .description("add a person who signs for an organisation; prints the person's API key once")
  .requiredOption("--gln <gln>", "GLN of the organisation")
  .requiredOption("--name <name>", "printed name of the signer")
  .option("--account <address>", "the person's own signing account; without it the node makes and keeps a key")
  .option("--endorsement <file>", "what an account of the organisation's printed with: threadline sign endorsement")
  .action(async (options) => (await import("./commands/participant.ts")).addPerson(options));

addSigningCommands(program);

const device = program.command("device").description("data loggers: enrol, stream a file, sign messages");
device
  .command("enrol")
  .description("make a logger's keys, enrol it and keep the keys in the network's folder")
  .requiredOption("--device <giai>", "GIAI of the logger")
  .requiredOption("--owner <gln>", "GLN of its owner")
  .requiredOption("--calibrated-from <time>", "RFC 3339 time")
  .requiredOption("--calibrated-until <time>", "RFC 3339 time")
  .action(async (options) => (await import("./commands/device.ts")).enrolDevice(options));
device
  .command("list")
  .description("list the loggers")
  .action(async () => (await import("./commands/device.ts")).listDevices());
device
  .command("assign")
  .description("put a logger on a leg of a journey")
  .requiredOption("--device <giai>", "GIAI of the logger")
  .requiredOption("--journey <id>", "journey id")
  .requiredOption("--leg <leg>", "leg of the journey's flow")
  .option("--from <time>", "RFC 3339 time (default: now)")
  .action(async (options) => (await import("./commands/device.ts")).assignDevice(options));
device
  .command("token")
  .description("print the password a logger logs in to the embedded broker with (its user name is its GIAI)")
  .requiredOption("--device <giai>", "GIAI of the logger")
  .action(async (options) => (await import("./commands/device.ts")).printBrokerToken(options));
device
  .command("stream")
  .description("stream a readings file as the logger would, until every message has its receipt")
  .requiredOption("--csv <file>", "time,temperature_celsius,tilt_degrees")
  .requiredOption("--device <giai>", "GIAI of the logger")
  .action(async (options) => (await import("./commands/device.ts")).streamReadings(options));
device
  .command("sign")
  .description("print one signed readings message per line, for any MQTT client to publish")
  .requiredOption("--csv <file>", "time,temperature_celsius,tilt_degrees")
  .requiredOption("--device <giai>", "GIAI of the logger")
  .option("--first-sequence <number>", "number of the first message", "1")
  .action(async (options) => (await import("./commands/device.ts")).signReadings(options));

const repeated = (value: string, before: string[] = []) => [...before, value];

program
  .command("label <journey>")
  .description("print the label of a container and write it to a file; a reprint is the next version and needs a reason")
  .requiredOption("--out <file>", "file to write: .svg, .png or .pdf")
  .option("--epc <epc>", "SGTIN of the container: Digital Link, EPC URN or (01)…(21)…")
  .option("--product <name>", "name of the product")
  .option("--storage <profile>", "condition profile of the flow whose limits are the storage temperature")
  .option("--lot <lot>", "batch or lot number")
  .option("--expires <time>", "date, or time to the minute with its offset, such as 2026-03-04T12:00+01:00")
  .option("--donation <din>", "donation identification number, one of the journey's")
  .option("--statement <name>", "statement to print, may be repeated: do-not-irradiate …", repeated)
  .option("--reason <text>", "why it is printed again")
  .option("--label <id>", "write a label printed before instead of printing one")
  .action(async (journey: string, options) => (await import("./commands/label.ts")).label(journey, options));

const coi = program.command("coi").description("Chain of Identity identifiers");
coi
  .command("issue")
  .description("issue an identifier that nobody had before and that means nothing")
  .requiredOption("--facility <fin>", "facility identification number of the issuing organisation")
  .option("--year <year>", "year of assignment (default: this year)")
  .option("--sequence <six>", "the issuer's running number (default: random)")
  .option("--screen <file>", "JSON of personal data it must not hold (- for standard input); it stays on this machine")
  .action(async (options) => (await import("./commands/coi.ts")).issueCoi(options));

for (const kind of ["shipper", "lane"] as const) {
  const command = program.command(kind).description(`${kind}s: registration, qualification, history`);
  command
    .command("register <file>")
    .description(`register a ${kind} from a JSON file; the ledger holds the hash of what it says`)
    .action(async (file: string) => (await import("./commands/equipment.ts")).registerEquipment(kind, file));
  command
    .command("qualify <name>")
    .description(kind === "shipper" ? "record a qualification; every use asks for a new one" : "record a qualification")
    .requiredOption("--from <time>", "RFC 3339")
    .requiredOption("--until <time>", "RFC 3339")
    .option("--certificate <hash>", "keccak-256 of the evidence")
    .action(async (name: string, options) => (await import("./commands/equipment.ts")).qualifyEquipment(kind, name, options));
  command
    .command("show [name]")
    .description("one with its history, or all")
    .action(async (name: string | undefined) => (await import("./commands/equipment.ts")).showEquipment(kind, name));
  if (kind === "lane") continue;
  command
    .command("assign <journey> <leg>")
    .description("record that a shipper goes on a leg; one that is not qualified is recorded and flagged")
    .requiredOption("--shipper <grai>", "GRAI with serial number")
    .requiredOption("--lane <lane>", "lane it goes over")
    .requiredOption("--at <time>", "from when on, RFC 3339")
    .option("--charged <time>", "when it was filled with liquid nitrogen")
    .action(async (journey: string, leg: string, options) => (await import("./commands/equipment.ts")).assignShipper(journey, leg, options));
}

program
  .command("clocks <journey>")
  .description("running clocks: limits between steps, time out of storage, hold time of shippers")
  .option("--at <time>", "as of this moment, RFC 3339")
  .action(async (journey: string, options) => (await import("./commands/equipment.ts")).showClocks(journey, options.at));

const flow = program.command("flow").description("flow definitions");
flow
  .command("register <file>")
  .description("register a flow definition; it can never be changed")
  .action(async (file: string) => (await import("./commands/flow.ts")).registerFlow(file));
flow
  .command("list")
  .description("list the flows")
  .action(async () => (await import("./commands/flow.ts")).listFlows());

const laboratory = program.command("laboratory").description("release tests: a laboratory's key and its signed results");
laboratory
  .command("key")
  .description("make the laboratory's signing keys, keep them here, and print what the operator enrols (POST /devices)")
  .requiredOption("--laboratory <giai>", "GIAI the key is known by")
  .requiredOption("--owner <gln>", "GLN of the laboratory")
  .requiredOption("--qualified-from <time>", "RFC 3339 time")
  .requiredOption("--qualified-until <time>", "RFC 3339 time")
  .option("--keys <file>", "where the keys are kept (default: the network's folder)")
  .action(async (options) => (await import("./commands/laboratory.ts")).makeLaboratoryKey(options));
laboratory
  .command("sign <results>")
  .description("sign a file of results with the laboratory's own key (THREADLINE_API_KEY: the laboratory's)")
  .requiredOption("--journey <id>", "journey id")
  .requiredOption("--laboratory <giai>", "GIAI of the laboratory's key")
  .option("--keys <file>", "where the keys are kept (default: the network's folder)")
  .option("--post", "post the signed record instead of printing it")
  .action(async (results: string, options) => (await import("./commands/laboratory.ts")).signResultsFile(results, options));

program
  .command("circuits")
  .description("circuits and their artefacts")
  .command("list")
  .description("list the circuits with the paths of r1cs, sym, wasm, zkey and verification key")
  .option("--json", "print JSON")
  .action(async (options: { json?: boolean }) => {
    await ensureBuilt(say);
    const { listCircuits } = await import("./commands/circuits.ts");
    await listCircuits(options);
  });

program
  .command("rebuild")
  .description("make the read model anew from the chain")
  .action(async () => {
    const { rebuild } = await import("./commands/read-model.ts");
    await rebuild();
  });

program
  .command("state-digest")
  .description("digest of the read model beside a fresh one of the chain (exit 1 when they differ)")
  .option("--json", "print one JSON object")
  .action(async (options: { json?: boolean }) => {
    const { stateDigest } = await import("./commands/read-model.ts");
    process.exitCode = await stateDigest(options);
  });

try {
  await program.parseAsync();
} catch (error) {
  printError(error);
  process.exitCode = 2;
}
