import * as z from "zod";

/** What is shown of the line that the edge logs for each request. */
const requestLogSchema = z.object({
  method: z.string(),
  route: z.string(),
  status: z.int(),
  duration_ms: z.number(),
  source: z.string().optional(),
  audio_bytes: z.number().optional(),
  code: z.string().optional(),
});

/** The edge's log line of a request, as a person reads it; undefined for any other line. */
export function requestLine(line: string): string | undefined {
  const logged = requestLogSchema.safeParse(parse(line));
  if (!logged.success) return undefined;
  const { method, route, status, duration_ms, source, audio_bytes, code } = logged.data;
  const words = [
    new Date().toTimeString().slice(0, 8),
    method,
    route,
    status,
    source,
    code,
    audio_bytes === undefined ? undefined : `${(audio_bytes / 1000).toFixed(1)} kB`,
    `${(duration_ms / 1000).toFixed(2)} s`,
  ];
  return words.filter((word) => word !== undefined).join(" ");
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
