// Loaded before a program: each SIGUSR2 sets its clock, an hour forwards, then two hours back, and so on around the right time.
// Of time that passes, `performance.now()` and timers, nothing changes.
const hourMs = 60 * 60_000;
const RightDate = Date;
let offMs = 0;

globalThis.Date = class extends RightDate {
  constructor(...parts) {
    if (parts.length === 0) super(RightDate.now() + offMs);
    else super(...parts);
  }

  static now() {
    return RightDate.now() + offMs;
  }
};

process.on("SIGUSR2", () => {
  offMs = offMs > 0 ? -hourMs : hourMs;
});
