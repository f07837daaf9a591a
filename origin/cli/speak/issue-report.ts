// What somebody who reports an issue is asked for. The text is theirs: of it only the length is told, and of paths
// nothing that begins with their home.
import { writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename } from "node:path";
import type { SpeechRequest } from "../../../shared/speech-request.ts";
import { countCodePoints } from "../../../shared/text-rules.ts";
import { type InstalledPack, installedPacks } from "../../model/pack/installed-packs.ts";
import { PackError, packDigest } from "../../model/pack/manifest.ts";
import { modelsDirectory } from "../../model/pack/models-directory.ts";
import { describeMachine } from "../../process/machine.ts";
import type { SpeakOptions } from "./options.ts";
import type { SpeechFacts } from "./report.ts";
import { userPath } from "./user-path.ts";

interface IssueReportOptions {
  request: SpeechRequest;
  facts: SpeechFacts;
  /** What came in the way, or null. */
  error: string | null;
}

/** Writes it where the options ask for one. */
export async function reportIssue(
  { report }: SpeakOptions,
  request: SpeechRequest,
  facts: SpeechFacts,
  error: string | null,
): Promise<void> {
  if (report === undefined) return;
  await writeFile(userPath(report), issueReport({ request, facts, error }));
}

/** The report as JSON. */
function issueReport(options: IssueReportOptions): string {
  const { request, facts, error } = options;
  const { format, sampleRate, bitrate, speed, trimSilence, language, sampling, seed } = request;
  const { volume, loudness } = request;
  const content = {
    machine: describeMachine(),
    settings: settings(),
    request: {
      model: request.model,
      voice: request.voiceId,
      characters: countCodePoints(request.input),
      instruction_characters: countCodePoints(request.instructions ?? ""),
      ...{ language, sampling, seed, format, speed },
      sample_rate: sampleRate,
      bitrate,
      trim_silence: trimSilence,
      ...{ volume, loudness },
    },
    speech: facts,
    packs: installedPacks(modelsDirectory()).map(describePack),
    error,
  };
  return `${withoutHome(JSON.stringify(content, null, 2))}\n`;
}

function settings() {
  const { ENGINE, ENGINE_THREADS, DEVICE, DETERMINISTIC } = process.env;
  return { ENGINE, ENGINE_THREADS, DEVICE, DETERMINISTIC };
}

function describePack({ folder, manifest }: InstalledPack) {
  if (manifest instanceof PackError) {
    const { message, selfTest } = manifest;
    return { folder: basename(folder), problem: message, self_test: selfTest };
  }
  const { tool, model, precision, built_at, shapes, source, self_test } = manifest;
  return {
    folder: basename(folder),
    digest: packDigest(manifest),
    ...{ tool, model, precision, built_at, shapes },
    checkpoint_sha256: source.sha256,
    self_test: self_test ?? null,
  };
}

function withoutHome(text: string): string {
  // As it stands within JSON, where the separators of Windows are doubled.
  const home = JSON.stringify(homedir()).slice(1, -1);
  return home.length > 1 ? text.replaceAll(home, "~") : text;
}
