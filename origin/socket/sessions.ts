import { randomBytes } from "node:crypto";
import { type ApiError, unavailable } from "../../shared/api-error.ts";
import { type Catalogue, withKeptVoices } from "../../shared/catalogue.ts";
import type { ModelId } from "../../shared/models.ts";
import { closeCodes } from "../../shared/socket.ts";
import type { KeptVoice } from "../../shared/voices/kept-voice.ts";
import type { Logger } from "../log.ts";
import type { SpeechServices } from "../speech/answer.ts";
import { defaultSocketLimits, type SocketLimits } from "./limits.ts";
import { createSession, type Session } from "./session.ts";

export interface Opening {
  /** As an edge chose it, which finds the origin by it again. */
  id: string | undefined;
  /** Who alone may resume it, as an edge names them. */
  owner: string | undefined;
  models: readonly ModelId[] | undefined;
  /** That its contexts may name. */
  keptVoices: readonly KeptVoice[];
  log: Logger;
}

/** The sessions of one origin, by their ids. */
export interface Sessions {
  /** Throws an ApiError (503) when there are too many, or the server stops. */
  requireRoom(): void;
  open(opening: Opening): Session;
  find(id: string, owner: string | undefined): Session | undefined;
  readonly size: number;
  drain(): Promise<void>;
  close(): void;
}

const maxSessions = 256;

export function createSessions(
  services: SpeechServices,
  catalogue: Catalogue,
  limits: SocketLimits = defaultSocketLimits,
): Sessions {
  const sessions = new Map<string, { session: Session; owner: string | undefined }>();
  let isDraining = false;

  const full = (): ApiError =>
    unavailable("server_is_overloaded", `All ${maxSessions} places for sessions are taken.`, 5);

  return {
    requireRoom() {
      if (isDraining) throw unavailable("server_stopping", "The server is being stopped.", 1);
      if (sessions.size >= maxSessions) throw full();
    },
    open({ id = `sess_${randomBytes(16).toString("hex")}`, owner, models, keptVoices, log }) {
      const session = createSession({
        ...{ id, models, limits, services, log, caller: owner },
        catalogue: withKeptVoices(catalogue, keptVoices),
        onEnd(outcome, facts) {
          sessions.delete(id);
          services.metrics.socketEnds.inc({ outcome });
          log.info({ session: id, outcome, ...facts }, "socket ended");
        },
      });
      sessions.set(id, { session, owner });
      return session;
    },
    find(id, owner) {
      const known = sessions.get(id);
      return known?.owner === owner ? known?.session : undefined;
    },
    get size() {
      return sessions.size;
    },
    async drain() {
      isDraining = true;
      await Promise.all(Array.from(sessions.values(), ({ session }) => session.drain()));
    },
    close() {
      for (const { session } of [...sessions.values()]) {
        session.end("stopping", closeCodes.stopping, "the server is being stopped");
      }
    },
  };
}
