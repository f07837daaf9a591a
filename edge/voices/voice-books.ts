import { DurableObject } from "cloudflare:workers";
import * as z from "zod";
import { foldVoiceName } from "../../shared/voices/kept-voice.ts";
import { maxKeptVoices, type Unkept } from "../../shared/voices/voice-book.ts";
import {
  type ConsentRecord,
  consentRecordSchema,
  type VoiceRecord,
  voiceRecordSchema,
} from "../../shared/voices/voice-record.ts";
import type { VoiceBookObject } from "./protocol.ts";

/**
 * What one key keeps of voices and consents, one object in the world for each: a name is given once, and what has been
 * deleted is gone. The voices' files are in KV, which has copies near whoever speaks with them.
 */
export class VoiceBooks extends DurableObject implements VoiceBookObject {
  #voices = new Table("voices", voiceRecordSchema, this.ctx.storage.sql);
  #consents = new Table("consents", consentRecordSchema, this.ctx.storage.sql);

  listVoices(): VoiceRecord[] {
    return this.#voices.list();
  }

  findVoice(name: string): VoiceRecord | undefined {
    return this.#voices.find(name);
  }

  addVoice(record: VoiceRecord): Unkept | undefined {
    return this.#voices.add(record);
  }

  renameVoice(id: string, name: string): VoiceRecord | Unkept | undefined {
    return this.#voices.rename(id, name);
  }

  /** Also whether another voice has the same file. */
  removeVoice(id: string): { record: VoiceRecord; isFileUsed: boolean } | undefined {
    const record = this.#voices.remove(id);
    if (!record) return undefined;
    const isFileUsed = this.#voices.list().some(({ digest }) => digest === record.digest);
    return { record, isFileUsed };
  }

  listConsents(): ConsentRecord[] {
    return this.#consents.list();
  }

  findConsent(id: string): ConsentRecord | undefined {
    return this.#consents.find(id);
  }

  addConsent(record: ConsentRecord): Unkept | undefined {
    return this.#consents.add(record);
  }

  renameConsent(id: string, name: string): ConsentRecord | Unkept | undefined {
    return this.#consents.rename(id, name);
  }

  removeConsent(id: string): ConsentRecord | undefined {
    return this.#consents.remove(id);
  }
}

const row = z.object({ record: z.string() });

/** Records of one kind, by their ids and by their names. */
class Table<Record extends { id: string; name: string; created_at: number }> {
  readonly #name: string;
  readonly #schema: z.ZodType<Record>;
  readonly #sql: SqlStorage;

  constructor(name: "voices" | "consents", schema: z.ZodType<Record>, sql: SqlStorage) {
    this.#name = name;
    this.#schema = schema;
    this.#sql = sql;
    sql.exec(
      `CREATE TABLE IF NOT EXISTS ${name} (id TEXT PRIMARY KEY, folded TEXT UNIQUE NOT NULL, created_at INTEGER NOT NULL, record TEXT NOT NULL)`,
    );
  }

  list(): Record[] {
    return this.#read(`SELECT record FROM ${this.#name} ORDER BY created_at DESC, id`);
  }

  find(name: string): Record | undefined {
    const folded = foldVoiceName(name);
    return this.#read(
      `SELECT record FROM ${this.#name} WHERE id = ? OR folded = ? ORDER BY id = ? DESC LIMIT 1`,
      folded,
      folded,
      folded,
    )[0];
  }

  add(record: Record): Unkept | undefined {
    const { count } = this.#sql.exec(`SELECT count(*) AS count FROM ${this.#name}`).one();
    if (Number(count) >= maxKeptVoices) return "full";
    if (this.#idOf(record.name) !== undefined) return "name_taken";
    this.#sql.exec(
      `INSERT INTO ${this.#name} (id, folded, created_at, record) VALUES (?, ?, ?, ?)`,
      record.id,
      foldVoiceName(record.name),
      record.created_at,
      JSON.stringify(record),
    );
    return undefined;
  }

  rename(id: string, name: string): Record | Unkept | undefined {
    const record = this.#byId(id);
    if (!record) return undefined;
    const taken = this.#idOf(name);
    if (taken !== undefined && taken !== id) return "name_taken";
    const renamed = { ...record, name };
    this.#sql.exec(
      `UPDATE ${this.#name} SET folded = ?, record = ? WHERE id = ?`,
      foldVoiceName(name),
      JSON.stringify(renamed),
      id,
    );
    return renamed;
  }

  remove(id: string): Record | undefined {
    const record = this.#byId(id);
    if (record) this.#sql.exec(`DELETE FROM ${this.#name} WHERE id = ?`, id);
    return record;
  }

  #byId(id: string): Record | undefined {
    return this.#read(`SELECT record FROM ${this.#name} WHERE id = ?`, id)[0];
  }

  #idOf(name: string): string | undefined {
    const folded = foldVoiceName(name);
    return this.#read(`SELECT record FROM ${this.#name} WHERE folded = ?`, folded)[0]?.id;
  }

  #read(query: string, ...bindings: string[]): Record[] {
    const rows = this.#sql.exec(query, ...bindings).toArray();
    return rows.map((one) => this.#schema.parse(JSON.parse(row.parse(one).record)));
  }
}
