import { describe, expect, it } from "vitest";
import { silentLogger } from "../../services/device/index.ts";
import { createIntake } from "../../services/telemetry/intake.ts";
import type { IncomingMessage } from "../../services/telemetry/message-verification.ts";

const message = (topic: string): IncomingMessage => ({ topic, payload: Buffer.alloc(0), receivedAtMilliseconds: 0 });
const config = { largestBatch: 10, collectMilliseconds: 1, room: 3 };

describe("intake", () => {
  it("makes messages durable together, and only then says so", async () => {
    const batches: string[][] = [];
    const intake = createIntake(config, { store: (batch) => Promise.resolve(void batches.push(batch.map(({ topic }) => topic))), refuse: () => Promise.resolve() }, silentLogger);
    await Promise.all([intake.push(message("a")), intake.push(message("b")), intake.push(message("c"))]);
    expect(batches).toEqual([["a", "b", "c"]]);
    await intake.close();
  });

  it("tries again until the store takes them, one by one", async () => {
    const stored: string[] = [];
    let failures = 2;
    const intake = createIntake(
      config,
      {
        store(batch) {
          if ((failures -= 1) >= 0) return Promise.reject(new Error("the database is away"));
          stored.push(...batch.map(({ topic }) => topic));
          return Promise.resolve();
        },
        refuse: () => Promise.reject(new Error("the database is away")),
      },
      silentLogger,
    );
    await Promise.all([intake.push(message("a")), intake.push(message("b"))]);
    expect(stored).toEqual(["a", "b"]);
    await intake.close();
  });

  it("refuses the one message that cannot be stored, and stores the others", async () => {
    const stored: string[] = [];
    const refused: string[] = [];
    const intake = createIntake(
      config,
      {
        store(batch) {
          if (batch.some(({ topic }) => topic === "poison")) return Promise.reject(new Error("not this one"));
          stored.push(...batch.map(({ topic }) => topic));
          return Promise.resolve();
        },
        refuse: ({ topic }, detail) => Promise.resolve(void refused.push(`${topic}: ${detail}`)),
      },
      silentLogger,
    );
    await Promise.all([intake.push(message("a")), intake.push(message("poison")), intake.push(message("b"))]);
    expect(stored).toEqual(["a", "b"]);
    expect(refused).toEqual(["poison: not this one"]);
    await intake.close();
  });

  it("holds back when it is full, and never says durable of what it had not stored at its close", async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const intake = createIntake({ ...config, largestBatch: 1 }, { store: () => held, refuse: () => Promise.resolve() }, silentLogger);
    const durable: string[] = [];
    for (const topic of ["a", "b", "c"]) void intake.push(message(topic)).then(() => durable.push(topic));
    let room = false;
    void intake.hasRoom().then(() => (room = true));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(room).toBe(false);
    const closed = intake.close();
    release();
    await closed;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(durable).toEqual(["a"]);
  });
});
