import { describe, expect, it } from "vitest";
import { deviceTopics, parseDeviceTopic } from "../../services/device/index.ts";

const GLN = "9506000134352";

describe("device topics", () => {
  it.each(["9506000134LOG7", "A/B+C#"])("carry any GIAI (%s)", (giai) => {
    const { readings } = deviceTopics("threadline/v1", GLN, giai);
    expect(readings.split("/")).toHaveLength(5);
    if (!giai.includes("#")) expect(parseDeviceTopic("threadline/v1", readings)).toEqual({ ownerGln: GLN, giai, leaf: "readings" });
    else expect(() => parseDeviceTopic("threadline/v1", readings)).toThrow(expect.objectContaining({ code: "topic-invalid" }));
  });

  it.each([
    "threadline/v1/9506000134352/LOG7",
    "threadline/v1/9506000134352/LOG7/readings/more",
    "threadline/v2/9506000134352/LOG7/readings",
    "threadline/v1/gln/LOG7/readings",
    "threadline/v1/9506000134352/%00/readings",
    "threadline/v1/9506000134352/%zz/readings",
    "threadline/v1/9506000134352/%4c/readings",
    "threadline/v1/9506000134352//readings",
    `threadline/v1/9506000134352/${"9".repeat(31)}/readings`,
  ])("refuse %s", (topic) => {
    expect(() => parseDeviceTopic("threadline/v1", topic)).toThrow(expect.objectContaining({ code: "topic-invalid" }));
  });
});
