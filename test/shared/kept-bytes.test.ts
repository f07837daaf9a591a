import { expect, test } from "vitest";
import { createKeptBytes, type KeptBytes } from "../../shared/kept-bytes.ts";

/** A share that gives back all it has when it is told to let go, and notes its name. */
function yielding(kept: KeptBytes, name: string, gone: string[]) {
  const share = kept.open(() => {
    gone.push(name);
    share.release();
  });
  return share;
}

test("the largest lets go first, as often as it takes", () => {
  const kept = createKeptBytes(100);
  const gone: string[] = [];
  const [small, middle, large] = ["small", "middle", "large"].map((name) =>
    yielding(kept, name, gone),
  );
  small?.add(20);
  middle?.add(30);
  large?.add(50);
  expect({ total: kept.total, gone }).toEqual({ total: 100, gone: [] });
  small?.add(1);
  expect({ total: kept.total, gone }).toEqual({ total: 51, gone: ["large"] });
  kept.open().add(60);
  expect({ total: kept.total, gone }).toEqual({ total: 81, gone: ["large", "middle"] });
});

test("what cannot be let go is counted, and presses on the others", () => {
  const kept = createKeptBytes(100);
  const gone: string[] = [];
  const file = kept.open();
  file.add(90);
  yielding(kept, "flight", gone).add(20);
  expect({ total: kept.total, gone }).toEqual({ total: 90, gone: ["flight"] });
  file.add(200);
  expect(kept.total).toBe(290);
  file.release();
  file.release();
  expect(kept.total).toBe(0);
});

test("a share that has let go is not asked again", () => {
  const kept = createKeptBytes(10);
  let asked = 0;
  const share = kept.open(() => asked++);
  share.add(20);
  share.add(20);
  expect(asked).toBe(1);
});
