import type { Playback, PlaybackEvents } from "./playback.ts";

/** Safari on phones has it in place of MediaSource; TypeScript does not know it yet. */
declare global {
  interface Window {
    ManagedMediaSource?: typeof MediaSource;
  }
}

function sourceKind(): typeof MediaSource | undefined {
  return window.ManagedMediaSource ?? window.MediaSource;
}

/** Whether this browser plays a file of this media type while it arrives. */
export function canStream(type: string): boolean {
  return sourceKind()?.isTypeSupported(type) ?? false;
}

/** Plays a file of a media type that `canStream` while it arrives, by a MediaSource. */
export function streamToElement(type: string, events: PlaybackEvents): Playback {
  const Source = sourceKind() ?? MediaSource;
  const source = new Source();
  const waiting: Uint8Array<ArrayBuffer>[] = [];
  let isWhole = false;
  let buffer: SourceBuffer | undefined;

  function pump(): void {
    if (!buffer || buffer.updating || source.readyState !== "open") return;
    const next = waiting.shift();
    if (next) buffer.appendBuffer(next);
    else if (isWhole) source.endOfStream();
  }

  const playback = playUrl(URL.createObjectURL(source), events);
  source.addEventListener(
    "sourceopen",
    () => {
      buffer = source.addSourceBuffer(type);
      buffer.addEventListener("updateend", pump);
      pump();
    },
    { once: true },
  );
  return {
    ...playback,
    get position() {
      return playback.position;
    },
    get isPlaying() {
      return playback.isPlaying;
    },
    append(bytes) {
      waiting.push(bytes);
      pump();
    },
    finish() {
      isWhole = true;
      pump();
    },
  };
}

/** Plays a whole file. */
export function playFile(file: Blob, events: PlaybackEvents): Playback {
  return playUrl(URL.createObjectURL(file), events);
}

/** Plays what an object URL is of, and revokes it when it is closed. */
function playUrl(url: string, events: PlaybackEvents): Playback {
  const audio = new Audio();
  // A ManagedMediaSource wants it said that nothing else will play it.
  audio.disableRemotePlayback = true;
  audio.src = url;
  let hasStarted = false;
  let isClosed = false;
  audio.addEventListener("playing", () => {
    if (!hasStarted) events.started?.();
    hasStarted = true;
    events.changed?.();
  });
  for (const name of ["pause", "ended", "seeked"]) {
    audio.addEventListener(name, () => events.changed?.());
  }
  audio.addEventListener("error", () => {
    if (!isClosed) events.failed?.(audio.error?.message || "The browser cannot play this file.");
  });
  return {
    get position() {
      return audio.currentTime;
    },
    get isPlaying() {
      return !audio.paused && !audio.ended;
    },
    append() {},
    finish() {},
    play() {
      audio.play().catch((cause: unknown) => {
        const isInterrupted = cause instanceof DOMException && cause.name === "AbortError";
        if (!isInterrupted && !isClosed) events.failed?.(String(cause));
      });
    },
    pause: () => audio.pause(),
    seek(seconds) {
      const { buffered } = audio;
      const end = buffered.length > 0 ? buffered.end(buffered.length - 1) : 0;
      audio.currentTime = Math.min(seconds, Number.isFinite(audio.duration) ? audio.duration : end);
    },
    close() {
      isClosed = true;
      audio.pause();
      audio.removeAttribute("src");
      audio.load();
      URL.revokeObjectURL(url);
    },
  };
}
