/**
 * The `response_format` values and the media type each one is served under. `ogg` is Ogg Opus, the same bytes as
 * `opus`, for players that go by `audio/ogg`.
 */
export const formats = {
  mp3: "audio/mpeg",
  opus: "audio/opus",
  wav: "audio/wav",
  pcm: "audio/pcm",
  ogg: "audio/ogg",
} as const;

export type AudioFormat = keyof typeof formats;

export const formatNames = Object.keys(formats) as [AudioFormat, ...AudioFormat[]];
