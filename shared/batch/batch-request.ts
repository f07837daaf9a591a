import { type ApiError, invalidRequest } from "../api-error.ts";
import type { Catalogue } from "../catalogue.ts";
import { firstIssue } from "../http/speech-body.ts";
import { type Fields, isObject } from "../http/translation.ts";
import { type SpeechRequest, speechRequestSchemaOf } from "../speech-request.ts";
import { countCodePoints, findLoneSurrogate } from "../text-rules.ts";
import { wireRequestSchema } from "../wire-request.ts";
import { broken, nullIfEmpty } from "../wire-values.ts";

export const maxBatchItems = 128;

const maxIdCodePoints = 128;

/** How a batch is answered: one line of JSON for each item, or a ZIP with a file for each. */
export const batchOutputs = ["jsonl", "zip"] as const;

/** One item as it was sent, with the batch's defaults where it says nothing itself. */
interface Numbered {
  /** Its place in the batch, from 0. */
  index: number;
  /** What the client calls it. */
  customId: string | null;
}

/** An item that can be spoken. */
export interface SpeakableItem extends Numbered {
  request: SpeechRequest;
  /** As they were sent, for whoever hands them on. */
  fields: Fields;
}

/** An item that never can. */
export interface RefusedItem extends Numbered {
  problem: ApiError;
}

export type BatchItem = SpeakableItem | RefusedItem;

export interface BatchRequest {
  items: BatchItem[];
  output: (typeof batchOutputs)[number];
}

/** What has no meaning in a batch, where each file is told when it is whole. */
const deliveryFields = ["stream", "stream_format"];

const ownFields = ["items", "defaults", "output"];

/**
 * Reads the body of `POST /v1/audio/speech/batch`: `{items, defaults?, output?}`. Speech fields beside `items` are
 * defaults as well, as vLLM-Omni has them; `defaults` go before these, and an item's own before both. Throws a 400 for
 * a body that is no batch; what is wrong with an item is that item's alone.
 */
export function readBatch(body: unknown, catalogue: Catalogue): BatchRequest {
  if (!isObject(body)) throw refused(null, broken("the body", "a JSON object", body));
  const { items, defaults, output } = body;
  if (items == null) {
    throw invalidRequest("missing_required_parameter", "items is required", "items");
  }
  if (!Array.isArray(items)) throw refused("items", broken("items", "an array", items));
  if (items.length === 0 || items.length > maxBatchItems) {
    throw refused("items", `items must have 1 to ${maxBatchItems} entries; it has ${items.length}`);
  }
  if (defaults != null && !isObject(defaults)) {
    throw refused("defaults", broken("defaults", "a JSON object", defaults));
  }
  const beside = Object.entries(body).filter(([name]) => !ownFields.includes(name));
  const shared = { ...Object.fromEntries(beside), ...said(defaults ?? {}) };
  return {
    output: readOutput(output),
    items: items.map((item, index) => readItem(item, index, shared, catalogue)),
  };
}

function readOutput(output: unknown): BatchRequest["output"] {
  const folded = typeof output === "string" ? output.trim().toLowerCase() : output;
  if (nullIfEmpty(folded) == null) return "jsonl";
  const known = batchOutputs.find((name) => name === folded);
  if (known) return known;
  throw refused("output", broken("output", batchOutputs.join(" or "), output));
}

function readItem(item: unknown, index: number, shared: Fields, catalogue: Catalogue): BatchItem {
  if (!isObject(item)) {
    const problem = refused("items", broken(`items[${index}]`, "a JSON object", item));
    return { index, customId: null, problem };
  }
  const { custom_id, ...own } = item;
  const customId = readCustomId(custom_id);
  if (typeof customId === "object" && customId) return { index, customId: null, problem: customId };
  const fields = merge(shared, said(own));
  const parsed = speechRequestSchemaOf(catalogue).safeParse(fields);
  if (!parsed.success) return { index, customId, problem: firstIssue(parsed.error.issues) };
  const idle = deliveryFields.filter((name) => Object.hasOwn(own, name) && own[name] != null);
  const ignoredFields = [...parsed.data.ignoredFields, ...idle];
  return {
    index,
    customId,
    fields,
    request: { ...parsed.data, stream: true, streamFormat: "audio", ignoredFields },
  };
}

function readCustomId(value: unknown): string | null | ApiError {
  if (value == null || value === "") return null;
  const rule = `a string of at most ${maxIdCodePoints} characters`;
  if (typeof value !== "string" || countCodePoints(value) > maxIdCodePoints) {
    return refused("custom_id", broken("custom_id", rule, value));
  }
  if (findLoneSurrogate(value) === undefined) return value;
  return invalidRequest(
    "invalid_unicode",
    "custom_id must be well-formed Unicode; it has half of a surrogate pair",
    "custom_id",
  );
}

/** Without the fields that stand for ones left out. */
function said(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => nullIfEmpty(value) != null),
  );
}

/** An item that names its language by one of the two fields does not mean the other one's default as well. */
function merge(shared: Fields, own: Fields): Fields {
  const names = ["language", "lang_code"];
  if (!names.some((name) => Object.hasOwn(own, name))) return { ...shared, ...own };
  const rest = Object.entries(shared).filter(([name]) => !names.includes(name));
  return { ...Object.fromEntries(rest), ...own };
}

function refused(param: string | null, message: string): ApiError {
  return invalidRequest("invalid_value", message, param);
}

/** The fields of an item in JSON Schema: those of `SpeechRequest`, and its own. */
export const batchJsonSchema = {
  type: "object",
  required: ["items"],
  properties: {
    items: {
      description: `1 to ${maxBatchItems} speech requests; each may have a \`custom_id\`, which its result tells. What is wrong with one is told in its place, and the others are spoken.`,
      type: "array",
      minItems: 1,
      maxItems: maxBatchItems,
      items: {
        type: "object",
        properties: {
          custom_id: { type: ["string", "null"], maxLength: maxIdCodePoints },
          input: { type: "string" },
        },
        additionalProperties: true,
      },
    },
    defaults: {
      description: `Fields for the items that do not say otherwise: ${Object.keys(
        wireRequestSchema.shape,
      )
        .filter((name) => name !== "input" && !deliveryFields.includes(name))
        .map((name) => `\`${name}\``)
        .join(", ")}.`,
      type: ["object", "null"],
    },
    output: { type: ["string", "null"], enum: [...batchOutputs, null], default: "jsonl" },
  },
  example: {
    defaults: { model: "tts-1", voice: "alloy" },
    items: [
      { custom_id: "greeting", input: "Hello, world!" },
      { custom_id: "parting", input: "Good bye!", voice: "nova" },
    ],
    output: "zip",
  },
};
