/** A bridge in a process of its own, to be killed. */
import { TEST_SECRET } from "../../support/secret.ts";
import { createDatabase } from "../../../services/store/database.ts";
import { createTelemetryBridge } from "../../../services/telemetry/index.ts";
import { BRIDGE_USER, LEDGER } from "./edge.ts";

const [brokerUrl = "", directory = ""] = process.argv.slice(2);
const { database } = await createDatabase({ directory, secret: TEST_SECRET });
const bridge = await createTelemetryBridge({ brokerUrl, ...BRIDGE_USER }, { database, ledger: LEDGER });
setInterval(() => process.stdout.write(`${bridge.counters().messages}\n`), 20);
