import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import type { LoadedPack } from "../../../origin/model/pack/open-pack.ts";
import { inDigits } from "./suite.ts";

/** What ONNX Runtime writes of a run, as far as it is read. */
interface ProfileEvent {
  cat: string;
  /** Microseconds. */
  dur?: number;
  args?: { op_name?: string };
}

/** As many as are worth a line. */
const shownOperators = 12;

/**
 * Runs something with every session profiled that it opens, and returns a table of what the operators took, by model. A loop
 * counts beside what runs in it. Sessions opened before are not profiled.
 */
export async function profileOperators(run: () => Promise<LoadedPack>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "bench-profile-"));
  const { create } = InferenceSession;
  const createFromFile: (
    path: string,
    options: InferenceSession.SessionOptions,
  ) => Promise<InferenceSession> = create.bind(InferenceSession);
  const opened: { name: string; session: InferenceSession }[] = [];
  const profiled = async (path: string, options: InferenceSession.SessionOptions) => {
    const name = basename(path);
    const profileFilePrefix = join(folder, name);
    const profiling = { ...options, enableProfiling: true, profileFilePrefix };
    const session = await createFromFile(path, profiling);
    opened.push({ name, session });
    return session;
  };
  Object.assign(InferenceSession, { create: profiled });
  try {
    const pack = await run();
    for (const { session } of opened) session.endProfiling();
    await pack.close();
    return opened.map(({ name }) => operatorTable(name, eventsOf(folder, name))).join("\n");
  } finally {
    Object.assign(InferenceSession, { create });
    rmSync(folder, { recursive: true });
  }
}

function eventsOf(folder: string, name: string): ProfileEvent[] {
  const files = readdirSync(folder).filter((file) => file.startsWith(name));
  return files.flatMap((file) => JSON.parse(readFileSync(join(folder, file), "utf8")));
}

/** Milliseconds and shares of the operators of one model; empty when it was not run. */
export function operatorTable(model: string, events: readonly ProfileEvent[]): string {
  const totals = new Map<string, number>();
  for (const { cat, dur = 0, args } of events) {
    if (cat !== "Node" || !args?.op_name || dur === 0) continue;
    totals.set(args.op_name, (totals.get(args.op_name) ?? 0) + dur / 1000);
  }
  const leaves = [...totals].filter(([operator]) => operator !== "Loop" && operator !== "If");
  const all = leaves.reduce((sum, [, ms]) => sum + ms, 0);
  if (all === 0) return "";
  const lines = leaves
    .sort(([, a], [, b]) => b - a)
    .slice(0, shownOperators)
    .map(
      ([operator, ms]) =>
        `| ${operator} | ${inDigits(ms)} | ${((100 * ms) / all).toFixed(1)} % |\n`,
    );
  return `\n| ${model} | ms | share |\n| --- | ---: | ---: |\n${lines.join("")}`;
}
