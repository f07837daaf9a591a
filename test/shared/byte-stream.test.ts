import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { byteStream } from "../../shared/byte-stream.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a reader of whom it is expected to take something every ten seconds", () => {
  const stallLimitMs = 10_000;

  it("may take its time for each part, and is given up when it takes none for longer", async () => {
    const returned = vi.fn();
    async function* parts() {
      try {
        for (;;) yield new Uint8Array(1);
      } finally {
        returned();
      }
    }
    const stop = new AbortController();
    const reader = byteStream(parts(), stop, { stallLimitMs }).getReader();
    for (let i = 0; i < 5; i++) {
      await vi.advanceTimersByTimeAsync(9_000);
      expect((await reader.read()).done).toBe(false);
    }
    expect(stop.signal.aborted).toBe(false);

    await vi.advanceTimersByTimeAsync(10_000);

    expect(returned).toHaveBeenCalledOnce();
    expect(stop.signal.reason).toMatchObject({
      name: "StalledReaderError",
      message: "the reader took nothing for 10 seconds",
    });
    await expect(reader.read()).rejects.toBe(stop.signal.reason);
  });

  it("may wait for the next part as long as that takes", async () => {
    async function* parts() {
      await new Promise((resolve) => setTimeout(resolve, 60_000));
      yield new Uint8Array(1);
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    }
    const stop = new AbortController();
    const reader = byteStream(parts(), stop, { stallLimitMs }).getReader();
    for (const done of [false, true]) {
      const reading = reader.read();
      await vi.advanceTimersByTimeAsync(60_000);
      expect((await reading).done).toBe(done);
    }
    await vi.advanceTimersByTimeAsync(60_000);
    expect(stop.signal.aborted).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("leaves no timer behind when it leaves", async () => {
    async function* parts() {
      for (;;) yield new Uint8Array(1);
    }
    const stream = byteStream(parts(), new AbortController(), { stallLimitMs });
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(1);
    await stream.cancel();
    expect(vi.getTimerCount()).toBe(0);
  });
});
