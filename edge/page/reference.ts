/** The OpenAPI document of this server, as far as it is shown. */
export interface Reference {
  info: { version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { description: string; content: Record<string, unknown> }>;
}

export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  description: string;
  example?: string;
}

export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  anyOf?: Schema[];
  description?: string;
  default?: unknown;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  required?: string[];
  properties?: Record<string, Schema>;
  example?: unknown;
}

/** The schema itself, where one of the components is named. */
export function resolve({ components }: Reference, schema: Schema): Schema {
  const name = schema.$ref?.split("/").at(-1);
  return name === undefined ? schema : (components.schemas[name] ?? schema);
}

/** What a value may be, in a few words. */
export function kindOf(schema: Schema): string {
  if (schema.enum) return schema.enum.join(", ");
  if (schema.anyOf) {
    return schema.anyOf
      .map(kindOf)
      .filter((kind) => kind !== "")
      .join(" or ");
  }
  const types = [schema.type ?? "any"].flat().filter((type) => type !== "null");
  const { minimum, exclusiveMinimum, maximum } = schema;
  const from = minimum ?? exclusiveMinimum;
  const above = minimum === undefined && exclusiveMinimum !== undefined ? "above " : "from ";
  const bounds = [
    ...(from === undefined ? [] : [`${above}${from}`]),
    ...(maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? [] : [`to ${maximum}`]),
  ];
  return [types.join(" or "), ...bounds].join(" ");
}
