import type { JsonSchema } from "./request-schema.ts";

export type Program = "edge" | "origin";

/** One route as the document has it; `{…}` stands for what varies in a path. */
export interface Operation {
  method: "get" | "post" | "delete";
  path: string;
  /** The programs that have it; both when absent. */
  only?: Program;
  tag: "Speech" | "Models and voices" | "Other clients" | "Operation";
  summary: string;
  description?: string;
  /** Whether it may be asked for without a key. */
  isPublic?: boolean;
  parameters?: readonly Parameter[];
  /** Of the body, in `components.schemas`, or as it is. */
  body?: string | JsonSchema;
  /** Whether the body may be multipart/form-data as well, with files as they are. */
  alsoMultipart?: boolean;
  /** Of what succeeds; 200 when absent. */
  status?: 101 | 202;
  /** Of that, by media type. */
  answers: Record<string, JsonSchema>;
  /** The other statuses that it may answer with, always in the error envelope. */
  errors: readonly number[];
}

export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  description: string;
  schema?: JsonSchema;
  example?: unknown;
}
