import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isBuiltinInstalled } from "../../engine/builtin/engine.ts";
import { projectFolder } from "../wrangler.ts";
import { bad, type Finding, good, note } from "./finding.ts";

/** Node, npm, and the packages that are optional. */
export function checkPrograms(): Finding[] {
  return [checkNode(), checkNpm(), checkRuntime(), checkBuiltin()];
}

function checkNode(): Finding {
  const { engines } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8"));
  const [wanted = ""] = /[\d.]+/.exec(engines.node) ?? [];
  const { version } = process;
  if (isAtLeast(version.slice(1), wanted)) return good("node", version);
  return bad("node", `${version} is older than ${wanted}`, "install a newer Node, such as 22");
}

function isAtLeast(version: string, wanted: string): boolean {
  const [has, needs] = [version, wanted].map((text) => text.split(".").map(Number));
  for (const [place, least] of (needs ?? []).entries()) {
    const part = has?.[place] ?? 0;
    if (part !== least) return part > least;
  }
  return true;
}

function checkNpm(): Finding {
  const { stdout, status } = spawnSync("npm", ["--version"], {
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status === 0) return good("npm", stdout.trim());
  return note("npm", "not on the PATH", "nothing needs it but the commands of the README");
}

function checkRuntime(): Finding {
  const folder = join(projectFolder, "node_modules", "onnxruntime-node", "bin", "napi-v6");
  const here = join(folder, process.platform, process.arch);
  if (existsSync(here)) return good("onnx", `ONNX Runtime for ${process.platform}/${process.arch}`);
  return note(
    "onnx",
    `ONNX Runtime has no build for ${process.platform}/${process.arch}: no Qwen3 model can be loaded`,
    "run the origin on Linux (x64 or arm64, glibc), macOS on Apple silicon or Windows",
  );
}

function checkBuiltin(): Finding {
  if (isBuiltinInstalled()) return good("espeak-ng", "there to stand in for models");
  return note("espeak-ng", "not installed: only models speak", "npm ci, without --omit=optional");
}
