import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createAdmission, type StreamNeeds } from "../../../origin/speech/admission.ts";
import type { ApiError } from "../../../shared/api-error.ts";

const noLimits = { maxActive: 64, keyValueBytes: 1e9, maxWaitSeconds: 30 };

/** An engine that makes so many seconds of sound in a second. */
const engineOf = (speed?: number) => ({ speedWith: () => speed, keyValues });

/** A byte for each position, and for each that is in a call. */
const keyValues = {
  bytesPerPosition: 1,
  pagePositions: 1,
  roomStep: 1,
  maxPadding: 2,
  maxRows: 2,
  rowMultiple: 1,
  copiesInCall: 1,
  framesPerSecond: 12.5,
  maxPositions: 4096,
};

function needs(fields: Partial<StreamNeeds> = {}): StreamNeeds {
  return {
    engine: engineOf(),
    positions: [],
    expectedSeconds: 10,
    spokenSeconds: () => 0,
    ...fields,
  };
}

describe("places", () => {
  it("are refused to one more than there are, who gets one once one is free", () => {
    const admission = createAdmission({ ...noLimits, maxActive: 2 });
    const [first, second, third] = [1, 2, 3].map(() => admission.enter());
    const refusal = expect.objectContaining({
      status: 503,
      code: "server_is_overloaded",
      message: "All 2 places for speech are taken.",
      headers: { "retry-after": "10" },
    });
    first?.occupy(needs());
    second?.occupy(needs());
    expect(() => third?.occupy(needs())).toThrow(refusal);
    expect(() => admission.enter()).toThrow(refusal);
    first?.leave();
    third?.occupy(needs());
    expect(admission.active).toBe(2);
  });

  it("are half of them open to batches", () => {
    const admission = createAdmission({ ...noLimits, maxActive: 4 });
    const enter = (urgency: "batch" | "interactive") => {
      const slot = admission.enter({ urgency });
      slot.occupy(needs());
      return slot;
    };
    const first = enter("batch");
    enter("batch");
    expect(() => enter("batch")).toThrow("All 2 places for speech of this kind are taken.");
    enter("interactive");
    enter("interactive");
    first.leave();
    enter("interactive");
    expect(() => enter("batch")).toThrow("All 4 places for speech are taken.");
  });

  it("are left by a quarter for others by a key that has some already", () => {
    const admission = createAdmission({ ...noLimits, maxActive: 8 });
    const enter = (caller?: string) => {
      const slot = admission.enter({ caller });
      slot.occupy(needs());
      return slot;
    };
    const ofOne = Array.from({ length: 6 }, () => enter("one"));
    expect(() => enter("one")).toThrow("All 6 places for speech of this key are taken.");
    enter("other");
    ofOne[0]?.leave();
    enter("one");
    expect(() => enter("one")).toThrow("of this key are taken.");
    enter();
    expect(() => enter("third")).toThrow("All 8 places for speech are taken.");
  });

  it("of an origin without keys are for whoever asks", () => {
    const admission = createAdmission({ ...noLimits, maxActive: 4 });
    for (let i = 0; i < 4; i++) admission.enter().occupy(needs());
  });

  it("are not taken by those who wait for their models", () => {
    const admission = createAdmission({ ...noLimits, maxActive: 1 });
    for (let waiting = 0; waiting < 3; waiting++) admission.enter();
    admission.enter().occupy(needs());
    expect(admission.active).toBe(4);
  });

  it("are given back once by an answer that leaves twice", () => {
    const admission = createAdmission(noLimits);
    const slot = admission.enter();
    admission.enter();
    slot.leave();
    slot.leave();
    expect(admission.active).toBe(1);
  });
});

it("what is owed shrinks as it is spoken, is never less than nothing, and goes with its answer", () => {
  const admission = createAdmission(noLimits);
  expect(admission.owedSeconds).toBe(0);
  let spoken = 0;
  const [first, second] = [admission.enter(), admission.enter()];
  first.occupy(needs({ expectedSeconds: 10, spokenSeconds: () => spoken }));
  second.occupy(needs({ expectedSeconds: 20 }));
  admission.enter();
  expect(admission.owedSeconds).toBe(30);
  spoken = 4;
  expect(admission.owedSeconds).toBe(26);
  spoken = 14;
  expect(admission.owedSeconds).toBe(20);
  second.leave();
  expect(admission.owedSeconds).toBe(0);
});

describe("memory for keys and values", () => {
  const limits = { ...noLimits, keyValueBytes: 100 };
  const refusal = expect.objectContaining({
    status: 503,
    code: "server_is_overloaded",
    message: "The streams under way leave too little memory for this text.",
    headers: { "retry-after": "10" },
  });

  it("is promised to streams, and to the calls they share, as long as they are under way", () => {
    const admission = createAdmission(limits);
    const engine = engineOf();
    const [first, second, third] = [1, 2, 3].map(() => admission.enter());
    first?.occupy(needs({ engine, positions: [25] }));
    expect(admission.keyValueBytes).toBe(50);
    expect(() => second?.occupy(needs({ engine, positions: [26] }))).toThrow(refusal);
    second?.occupy(needs({ engine, positions: [25] }));
    expect(admission.keyValueBytes).toBe(100);
    second?.leave();
    second?.leave();
    // No call has more than two rows.
    third?.occupy(needs({ engine, positions: [16, 9] }));
    expect(admission.keyValueBytes).toBe(50 + 2 * 25);
    first?.leave();
    expect(admission.keyValueBytes).toBe(25 + 2 * 16);
  });

  it("is counted apart for each engine, whose streams share no calls", () => {
    const admission = createAdmission({ ...limits, keyValueBytes: 200 });
    for (let stream = 0; stream < 3; stream++) {
      admission.enter().occupy(needs({ engine: engineOf(), positions: [30] }));
    }
    expect(admission.keyValueBytes).toBe(3 * 60);
    admission.enter().occupy(needs({ engine: { ...engineOf(), keyValues: null }, positions: [9] }));
    expect(admission.keyValueBytes).toBe(3 * 60);
  });

  it("is given to a stream that needs more than there should be when it is alone", () => {
    const admission = createAdmission(limits);
    admission.enter().occupy(needs({ positions: [1000] }));
    expect(() => admission.enter().occupy(needs({ positions: [1] }))).toThrow("too little memory");
    admission.enter().occupy(needs({ positions: [] }));
  });
});

describe("a stream that would be late because of the others", () => {
  const limits = { ...noLimits, maxWaitSeconds: 8 };

  it("is refused until they are so far that it would not be", () => {
    const admission = createAdmission(limits);
    const engine = engineOf(1);
    let spoken = 0;
    admission.enter().occupy(needs({ engine, spokenSeconds: () => spoken }));
    const newcomer = admission.enter();
    // 20 seconds of work for 10 seconds of sound.
    expect(() => newcomer.occupy(needs({ engine }))).toThrow(
      expect.objectContaining({
        status: 503,
        code: "server_is_overloaded",
        message: "With the streams under way this text would be spoken 10 seconds late.",
        headers: { "retry-after": "2" },
      }),
    );
    spoken = 2;
    newcomer.occupy(needs({ engine }));
  });

  it("is admitted when it is short, or the engine is fast, or idle, or not measured yet", () => {
    const admission = createAdmission(limits);
    for (const [engine, expectedSeconds] of [
      [engineOf(1), 8],
      [engineOf(2), 16],
      [engineOf(undefined), 1000],
    ] as const) {
      admission.enter().occupy(needs({ engine, expectedSeconds: 1000 }));
      admission.enter().occupy(needs({ engine, expectedSeconds }));
    }
    admission.enter().occupy(needs({ engine: engineOf(0.1), expectedSeconds: 1000 }));
  });
});

it("a key's many texts leave another's first its time", () => {
  const admission = createAdmission({ ...noLimits, maxWaitSeconds: 30 });
  // Ten seconds each, on a machine that makes two seconds in one.
  const engine = engineOf(2);
  const enter = (caller: string) =>
    admission.enter({ caller }).occupy(needs({ engine, expectedSeconds: 10 }));
  let admitted = 0;
  const fill = () => {
    for (let i = 0; i < 200; i++, admitted++) enter("many");
  };
  expect(fill).toThrow(/seconds late/);
  expect(admitted).toBe(5);
  for (const caller of ["a", "b", "c"]) enter(caller);
  expect(() => enter("many")).toThrow(/seconds late/);
});

describe("whoever is refused is told when there may be room", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** What a refusal says. */
  function retryAfter(refused: () => void): number {
    try {
      refused();
    } catch (error) {
      return Number((error as ApiError).headers["retry-after"]);
    }
    throw new Error("it was not refused");
  }

  it("for a place, when the first answer under way ends", () => {
    const admission = createAdmission({ ...noLimits, maxActive: 64 });
    let spoken = 0;
    for (let answer = 0; answer < 63; answer++) {
      admission.enter().occupy(needs({ expectedSeconds: 300 }));
    }
    admission.enter().occupy(needs({ expectedSeconds: 40, spokenSeconds: () => spoken }));
    expect(retryAfter(() => admission.enter())).toBe(40);

    // Half as fast as it is heard.
    vi.advanceTimersByTime(20_000);
    spoken = 10;
    expect(retryAfter(() => admission.enter())).toBe(60);
    vi.advanceTimersByTime(40_000);
    spoken = 30;
    expect(retryAfter(() => admission.enter())).toBe(20);
  });

  it("as answers have gone of late, where those under way have said nothing yet", () => {
    const admission = createAdmission({ ...noLimits, maxActive: 1 });
    for (let answer = 0; answer < 40; answer++) {
      const slot = admission.enter();
      slot.occupy(needs({ spokenSeconds: () => 10 }));
      vi.advanceTimersByTime(2000);
      slot.leave();
    }
    admission.enter().occupy(needs({ expectedSeconds: 50 }));
    expect(retryAfter(() => admission.enter())).toBeCloseTo(11, 0);
  });

  it("for memory, when enough of the answers have ended", () => {
    const admission = createAdmission({ ...noLimits, keyValueBytes: 150 });
    const engine = engineOf();
    for (const expectedSeconds of [30, 10, 20]) {
      admission.enter().occupy(needs({ engine, expectedSeconds, positions: [20] }));
    }
    const ask = (positions: number[]) =>
      retryAfter(() => admission.enter().occupy(needs({ engine, positions })));
    expect(ask([33])).toBe(10);
    expect(ask([40])).toBe(20);
    expect(ask([1000])).toBe(30);
  });

  it("for time, when those before it have little enough to say", () => {
    const admission = createAdmission({ ...noLimits, maxWaitSeconds: 8 });
    const engine = engineOf(1);
    admission.enter().occupy(needs({ engine, expectedSeconds: 50 }));
    const ask = () => retryAfter(() => admission.enter().occupy(needs({ engine })));
    expect(ask()).toBe(50 - 8);
  });
});

describe("draining", () => {
  it("ends when the last answer has left, and takes no newcomer meanwhile", async () => {
    const admission = createAdmission(noLimits);
    const slot = admission.enter();
    let drained = false;
    const draining = admission.drain().then(() => {
      drained = true;
    });
    expect(() => admission.enter()).toThrow(
      expect.objectContaining({ status: 503, code: "server_stopping" }),
    );
    await Promise.resolve();
    expect(drained).toBe(false);
    slot.leave();
    await draining;
  });

  it("ends at once when nobody is there", async () => {
    await createAdmission(noLimits).drain();
  });
});
