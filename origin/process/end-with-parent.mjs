// Loaded into a child that has no channel to its parent, which would tell it: ends it soon after its parent, however that
// one ends. A system that gives an orphan no other parent (Windows) still knows that the old one is gone.
const intervalMilliseconds = 500;

const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent || !isThere(parent)) process.exit(1);
}, intervalMilliseconds).unref();

function isThere(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause.code === "EPERM";
  }
}
