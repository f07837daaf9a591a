import { DurableObject } from "cloudflare:workers";
import { ApiError, notFound } from "../../shared/api-error.ts";
import { byteStream } from "../../shared/byte-stream.ts";
import { framesMediaType } from "../../shared/frames/frame.ts";
import { writeFrames } from "../../shared/frames/write-frames.ts";
import { errorResponse, toApiError } from "../../shared/http/errors.ts";
import { fileId } from "../../shared/identity.ts";
import type { SpeechRequest } from "../../shared/speech-request.ts";
import { type Cache, openCache } from "../cache/cache.ts";
import { keepAnswer } from "../cache/keep-answer.ts";
import type { AudioFacts, StoredAudio } from "../cache/stored-audio.ts";
import type { Env } from "../env.ts";
import { clientLeft } from "../errors.ts";
import { isWanted, type WantedFile, wantedFileSchema } from "../files/wanted-file.ts";
import { logFault } from "../log-fault.ts";
import { askOrigin } from "../origins/ask-origin.ts";
import { settingsOf } from "../settings.ts";
import { watch } from "../speech-outcome.ts";
import { createFlight, type Flight } from "./flight.ts";
import { type FlightOrder, factsHeader, roleHeader } from "./flight-order.ts";
import { createJustFinished } from "./just-finished.ts";
import { keptBytes } from "./kept-bytes.ts";

/** Who has this much time left when a flight is late for somebody with less has it spoken anew. */
const worthwhileSeconds = 1;

/**
 * One object for each file, by its id, so that the file is spoken once. POST asks for speech: what is being spoken or has
 * just been, else what the cache has by now, else an origin's. GET asks only for what there is, in the format and of the
 * models that the query names.
 */
export class Flights extends DurableObject<Env> {
  #flight: Flight | undefined;
  #request: SpeechRequest | undefined;
  #finished = createJustFinished(keptBytes);

  override async fetch(request: Request): Promise<Response> {
    try {
      return await (request.method === "POST" ? this.#speak(request) : this.#listen(request));
    } catch (cause) {
      const error = toApiError(cause);
      logFailure(error);
      return errorResponse(error);
    }
  }

  async #speak(request: Request): Promise<Response> {
    const leave = leaving(request);
    let order = await request.json<FlightOrder>();
    const endsAt = Date.now() + order.timeoutSeconds * 1000;
    const cache = openCache(this.env, settingsOf(this.env));
    for (let hasLooked = false; ; hasLooked = true) {
      const file = await this.#finished.file;
      if (file) return fileResponse(file.facts, file.bytes);
      // Nothing is awaited from here to the launch: of those who come together, one launches.
      if (this.#flight?.isOpen) {
        try {
          return await board(this.#flight, "joined", leave, order.retries);
        } catch (cause) {
          const timeoutSeconds = (endsAt - Date.now()) / 1000;
          if (!isTooLate(cause) || timeoutSeconds < worthwhileSeconds) throw cause;
          order = { ...order, timeoutSeconds };
          continue;
        }
      }
      if (hasLooked) return board(this.#launch(order, cache), "first", leave, order.retries);
      const stored = await find(order.request, cache);
      if (stored) return fileResponse(stored.facts, stored.body);
    }
  }

  async #listen(request: Request): Promise<Response> {
    const leave = leaving(request);
    const wanted = readWanted(new URL(request.url).searchParams);
    const file = await this.#finished.file;
    if (file && isWanted(file.facts, wanted)) return fileResponse(file.facts, file.bytes);
    if (this.#flight?.isOpen && this.#request && isWanted(this.#request, wanted)) {
      return board(this.#flight, "joined", leave, false);
    }
    throw notFound("audio_not_found", "There is no such audio here, or no longer.");
  }

  #launch(order: FlightOrder, cache: Cache): Flight {
    const settings = settingsOf(this.env);
    const { request, body, requestId, routingKey, timeoutSeconds } = order;
    this.#request = request;
    this.#flight = createFlight({
      depart: async (stop) => {
        const order = { body, requestId, routingKey, timeoutSeconds, stop };
        const { headers, speech } = await askOrigin(order, settings);
        const watched = watch(speech);
        this.ctx.waitUntil(watched.outcome.then(({ failure }) => logFailure(failure)));
        return { headers, speech: watched.speech };
      },
      maxBytes: settings.cacheMaxBytes,
      kept: keptBytes,
      onWhole: (audio, end, headers) => {
        const { file, stored } = keepAnswer({ request, audio, end, headers }, cache);
        this.#finished.remember(file);
        this.ctx.waitUntil(stored);
      },
    });
    return this.#flight;
  }
}

/** Those aboard are told what failed; why is for the log. */
function logFailure(failure: ApiError | undefined): void {
  if (failure?.cause) logFault(`a flight failed: ${failure.code}`, failure.cause);
}

/** Whether it only failed for the time that somebody had. */
function isTooLate(cause: unknown): boolean {
  return cause instanceof ApiError && cause.code === "deadline_exceeded";
}

/** A second look: KV remembers a miss for a while, in each place on its own. */
async function find(request: SpeechRequest, cache: Cache): Promise<StoredAudio | undefined> {
  const current = await cache.revisions.current(request.model);
  return current && cache.store.find(await fileId(request, current.revision));
}

function readWanted(query: URLSearchParams): WantedFile {
  return wantedFileSchema.parse({ format: query.get("format"), models: query.getAll("model") });
}

function leaving(request: Request): AbortController {
  const leave = new AbortController();
  request.signal.addEventListener("abort", () => leave.abort(clientLeft()));
  return leave;
}

async function board(
  flight: Flight,
  role: "first" | "joined",
  leave: AbortController,
  retries: boolean,
): Promise<Response> {
  const { headers, speech } = await flight.join({ signal: leave.signal, retries });
  return new Response(byteStream(writeFrames(speech), leave), {
    headers: { ...headers, "content-type": framesMediaType, [roleHeader]: role },
  });
}

function fileResponse(facts: AudioFacts, body: BodyInit): Response {
  return new Response(body, { headers: { [factsHeader]: JSON.stringify(facts) } });
}
