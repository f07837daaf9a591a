import { DurableObject } from "cloudflare:workers";
import {
  type KeyLimits,
  type QuotaAccount,
  type Reservation,
  refund,
  reserve,
  type Usage,
  unused,
} from "./usage.ts";

/**
 * The account of one key, one in the world: requests of all places are counted one after the other, so the count is
 * exact. It keeps one value, which each day overwrites.
 */
export class Quota extends DurableObject implements QuotaAccount {
  reserve(characters: number, limits: KeyLimits, requests = 1): Reservation {
    const { usage, reservation } = reserve(this.#usage, characters, limits, Date.now(), requests);
    this.#usage = usage;
    return reservation;
  }

  refund(characters: number, day: number): void {
    this.#usage = refund(this.#usage, characters, day);
  }

  get #usage(): Usage {
    return this.ctx.storage.kv.get<Usage>("usage") ?? unused;
  }

  set #usage(usage: Usage) {
    this.ctx.storage.kv.put("usage", usage);
  }
}
