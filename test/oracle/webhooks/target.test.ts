import { describe, expect, it } from "vitest";
import { isOpenAddress, openLookup, urlProblem } from "../../../services/oracle/webhooks/target.ts";
import { sendDelivery } from "../../../services/oracle/webhooks/send.ts";
import { retryMilliseconds, DEFAULT_WEBHOOK_SETTINGS } from "../../../services/oracle/webhooks/settings.ts";
import { webhookSignature } from "../../../services/oracle/webhooks/signature.ts";
import { startReceiver } from "../../support/webhook-receiver.ts";

describe("where a webhook may go", () => {
  it.each(["https://receiver.example/hook", "https://8.8.8.8/", "https://[2606:4700::1111]:8443/x?y=z"])("lets %s", (url) => {
    expect(urlProblem(url, false)).toBeNull();
  });

  it.each([
    "http://receiver.example/", "ftp://receiver.example/", "no url", "https://user:secret@receiver.example/", "https://receiver.example/#x",
    "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f.0.0.1/", "https://10.1.2.3/", "https://172.31.0.1/",
    "https://192.168.1.1/", "https://169.254.169.254/latest/", "https://100.64.0.1/", "https://0.0.0.0/", "https://localhost/",
    "https://my.localhost./", "https://[::1]/", "https://[::]/", "https://[fe80::1]/", "https://[fd00::1]/", "https://[::ffff:127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://224.0.0.1/", "https://255.255.255.255/",
  ])("does not let %s", (url) => {
    expect(urlProblem(url, false)).not.toBeNull();
  });

  it("lets private ones only when configured, and even then no credentials", () => {
    expect(urlProblem("http://127.0.0.1:9/", true)).toBeNull();
    expect(urlProblem("http://a:b@127.0.0.1:9/", true)).not.toBeNull();
  });

  it("knows no address that is none", () => {
    expect(["", "localhost", "1.2.3", "::ffff:10.0.0.1"].map(isOpenAddress)).toEqual([false, false, false, false]);
  });

  it("refuses a name that stands for a closed address when it is connected", async () => {
    const error = await new Promise<Error | null>((resolve) => openLookup("localhost", {}, (problem) => resolve(problem)));
    expect(error?.message).toMatch(/not on the open internet/);
    const receiver = await startReceiver();
    const sent = await sendDelivery(
      { url: `https://localhost.localdomain:${receiver.port}/`, headers: {}, body: "{}" },
      { privateTargets: false, timeoutMilliseconds: 2_000 },
      new AbortController().signal,
    );
    expect(sent).not.toBeNull();
    expect(receiver.received).toEqual([]);
    await receiver.close();
  });
});

describe("a signature", () => {
  it("is HMAC-SHA256 of time, dot and body under the secret as shown (a value computed with openssl)", () => {
    // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac whsec_test
    expect(webhookSignature(["whsec_test"], 1_700_000_000, '{"a":1}')).toBe(
      "t=1700000000,v1=38877139021993b830af32feea6e18a8da83eb2f6e49ee50bd9e4cf4ca4d3789",
    );
  });

  it("waits longer after each failure, up to a bound", () => {
    const waits = [1, 2, 3, 10, 11, 1000].map((attempts) => retryMilliseconds(DEFAULT_WEBHOOK_SETTINGS, attempts));
    expect(waits).toEqual([5_000, 10_000, 20_000, 2_560_000, 3_600_000, 3_600_000]);
  });
});
