// The files of voices that requests speak with, by their digests: those kept here, and those that edges have sent along.
// A digest is of the whole content, so that whoever brings a file can bring no other one.
import { mkdirSync } from "node:fs";
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ApiError, invalidRequest } from "../../shared/api-error.ts";
import { voiceFilesHeader } from "../../shared/voices/voice-files.ts";
import { writeByWayOf } from "../process/disk-room.ts";
import {
  digestOfVoiceFile,
  readVoiceFile,
  type VoiceContent,
  VoiceFileError,
} from "./voice-file.ts";

export interface VoiceFiles {
  /** Throws a 424 that names the file where it is not here, for whoever has it to send it. */
  read(digest: string): Promise<VoiceContent>;
  /** Throws a 424 that names those that are not here. */
  require(digests: readonly string[]): Promise<void>;
  /** Throws a 400 for what is no voice, or not that one, and a 507 where there is no room for it. */
  put(digest: string, bytes: Uint8Array): Promise<void>;
  remove(digest: string): Promise<void>;
}

/** Of those that were sent along. A voice of a minute is some 40 kB. */
const maxFiles = 2000;
/** In memory, read. */
const maxRead = 200;
export const maxVoiceFileBytes = 512 * 1024;

export interface VoiceFilesOptions {
  /** Past that many, those go that nobody has used for longest. */
  mostFiles?: number;
  /** Is told why a file could not be written, which is then spoken with as long as it is in memory. By default `put` throws it. */
  onUnwritten?(cause: unknown): void;
}

/** Keeps files in a folder, which is made when there is the first of them. */
export function openVoiceFiles(
  directory: string,
  { mostFiles = maxFiles, onUnwritten }: VoiceFilesOptions = {},
): VoiceFiles {
  const read = new Map<string, VoiceContent>();
  const pathOf = (digest: string) => join(directory, `${digest}.json`);
  let writing = 0;

  function remember(digest: string, content: VoiceContent): void {
    read.delete(digest);
    read.set(digest, content);
    const [oldest] = read.keys();
    if (read.size > maxRead && oldest !== undefined) read.delete(oldest);
  }

  async function dropOldest(): Promise<void> {
    const names = (await readdir(directory)).filter((name) => name.endsWith(".json"));
    if (names.length <= mostFiles) return;
    const used = await Promise.all(
      names.map(async (name) => {
        const path = join(directory, name);
        const found = await stat(path).catch(() => undefined);
        return { path, usedAt: found?.mtimeMs ?? 0 };
      }),
    );
    used.sort((a, b) => a.usedAt - b.usedAt);
    for (const { path } of used.slice(0, used.length - mostFiles)) await rm(path, { force: true });
  }

  return {
    async read(digest) {
      const known = read.get(digest);
      if (known) {
        remember(digest, known);
        return known;
      }
      const path = pathOf(digest);
      const bytes = await readFile(path).catch(() => undefined);
      if (!bytes) throw needed([digest]);
      if (digestOfVoiceFile(bytes) !== digest) {
        await rm(path, { force: true });
        throw needed([digest]);
      }
      const content = readVoiceFile(bytes);
      const now = new Date();
      await utimes(path, now, now).catch(() => undefined);
      remember(digest, content);
      return content;
    },
    async require(digests) {
      const found = await Promise.all(
        digests.map((digest) => read.has(digest) || isThere(pathOf(digest))),
      );
      const missing = digests.filter((_digest, index) => !found[index]);
      if (missing.length > 0) throw needed(missing);
    },
    async put(digest, bytes) {
      if (digestOfVoiceFile(bytes) !== digest) {
        throw invalidRequest("invalid_voice_file", "The body is not the file of that digest.");
      }
      const content = readOrRefuse(bytes);
      const part = join(directory, `${digest}.${process.pid}.${++writing}.part`);
      try {
        await writeByWayOf(part, async () => {
          mkdirSync(directory, { recursive: true });
          await writeFile(part, bytes);
          await rename(part, pathOf(digest));
        });
      } catch (cause) {
        if (!onUnwritten) throw cause;
        onUnwritten(cause);
        return remember(digest, content);
      }
      remember(digest, content);
      await dropOldest();
    },
    async remove(digest) {
      read.delete(digest);
      await rm(pathOf(digest), { force: true });
    },
  };
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Of an origin that keeps none. */
export const noVoiceFiles: Pick<VoiceFiles, "read"> = {
  read: async (digest) => {
    throw needed([digest]);
  },
};

function readOrRefuse(bytes: Uint8Array): VoiceContent {
  try {
    return readVoiceFile(bytes);
  } catch (cause) {
    if (!(cause instanceof VoiceFileError)) throw cause;
    throw invalidRequest("invalid_voice_file", `The body is no voice: ${cause.message}.`);
  }
}

/** RFC 4918, section 11.4. An edge sends the files and asks again. */
function needed(digests: readonly string[]): ApiError {
  return new ApiError({
    status: 424,
    type: "invalid_request_error",
    code: "voice_file_needed",
    message: "This origin does not have the voice's file.",
    headers: { [voiceFilesHeader]: digests.join(",") },
  });
}
