import { expect, it } from "vitest";
import { createAdmission } from "../../../origin/speech/admission.ts";

it("refuses one more than there are places, and takes it once a place is free", () => {
  const admission = createAdmission(2);
  const leave = admission.enter();
  admission.enter();
  expect(() => admission.enter()).toThrow(
    expect.objectContaining({
      status: 503,
      code: "server_is_overloaded",
      message: "All 2 places for speech are taken.",
      headers: { "retry-after": expect.stringMatching(/^[1-9]\d?$/) },
    }),
  );
  leave();
  admission.enter();
  expect(admission.active).toBe(2);
});

it("counts an answer that leaves twice once", () => {
  const admission = createAdmission(2);
  const leave = admission.enter();
  admission.enter();
  leave();
  leave();
  expect(admission.active).toBe(1);
});

it("drains when the last answer has left, and takes no newcomer meanwhile", async () => {
  const admission = createAdmission(2);
  const leave = admission.enter();
  let drained = false;
  const draining = admission.drain().then(() => {
    drained = true;
  });
  expect(() => admission.enter()).toThrow(
    expect.objectContaining({ status: 503, code: "server_stopping" }),
  );
  await Promise.resolve();
  expect(drained).toBe(false);
  leave();
  await draining;
});

it("drains at once when nobody is there", async () => {
  await createAdmission(1).drain();
});
