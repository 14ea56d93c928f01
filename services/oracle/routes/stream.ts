import { operation } from "../http/operation.ts";
import type { Operation } from "../http/operation.ts";
import { problem } from "../http/problem.ts";
import { visibleJourney } from "../journeys/visible.ts";
import type { OracleParts } from "../oracle-parts.ts";
import { journeyPath } from "../schemas/common.ts";

const HEARTBEAT_MILLISECONDS = 15_000;

/** A client this far behind is cut off; it reconnects and reads the status. */
const LARGEST_BACKLOG_BYTES = 1024 * 1024;

/** Live updates of a journey as server-sent events (WHATWG HTML, section 9.2). */
export function streamOperations(parts: OracleParts): Operation[] {
  let open = 0;
  const stream = operation({
    operationId: "streamJourney",
    method: "get",
    path: "/journeys/{journeyId}/stream",
    tag: "journeys",
    summary: "Live updates as server-sent events: custody-event, exception, segment, interval-acceptance, equipment-acceptance, release, disposition, recall, operation",
    parameters: journeyPath,
    responses: {
      200: { description: "Events until the client leaves.", mediaType: "text/event-stream" },
      404: { description: "No such journey." },
    },
    async handle({ path, caller }) {
      await visibleJourney(parts.database, caller, path.journeyId);
      if (open >= parts.limits.streams)
        throw problem(503, "too-many-streams", `${open} live streams are open; close one or poll the status`);
      return (_request, response) => {
        open += 1;
        let id = 0;
        response
          .status(200)
          .set({ "Content-Type": "text/event-stream", Connection: "keep-alive", "X-Accel-Buffering": "no" });
        response.flushHeaders();
        response.write("retry: 1000\n\n");
        const write = (text: string) => {
          response.write(text);
          if (response.writableLength > LARGEST_BACKLOG_BYTES) response.destroy();
        };
        const unsubscribe = parts.notifications.subscribe((notification) => {
          if (notification.journeyId !== path.journeyId) return;
          id += 1;
          write(`id: ${id}\nevent: ${notification.type}\ndata: ${JSON.stringify(notification)}\n\n`);
        });
        const heartbeat = setInterval(() => write(": heartbeat\n\n"), HEARTBEAT_MILLISECONDS);
        const end = () => response.end();
        parts.closing.addEventListener("abort", end);
        response.once("close", () => {
          open -= 1;
          unsubscribe();
          clearInterval(heartbeat);
          parts.closing.removeEventListener("abort", end);
        });
      };
    },
  });
  return [stream];
}
