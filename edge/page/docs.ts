import { element, tell } from "./elements.ts";
import { currentKey, keepKey } from "./key.ts";
import {
  kindOf,
  type Operation,
  type Parameter,
  type Reference,
  resolve,
  type Schema,
} from "./reference.ts";

const state = element("state", HTMLElement);
const routes = element("routes", HTMLElement);

/** An element with these attributes and children. */
function make(
  name: string,
  attributes: Readonly<Record<string, string>> = {},
  ...children: (Node | string)[]
): HTMLElement {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/** A text of which what is between backticks is code. */
function prose(text: string): (Node | string)[] {
  return text.split("`").map((part, index) => (index % 2 === 1 ? make("code", {}, part) : part));
}

function table(caption: string, rows: readonly (readonly (Node | string)[])[]): HTMLElement {
  return make(
    "div",
    { class: "table", tabindex: "0", role: "group", "aria-label": caption },
    make(
      "table",
      {},
      make("caption", {}, caption),
      ...rows.map(([name = "", ...cells]) =>
        make(
          "tr",
          {},
          make("th", { scope: "row" }, name),
          ...cells.map((cell) => make("td", {}, cell)),
        ),
      ),
    ),
  );
}

function fieldsOf(schema: Schema): HTMLElement {
  const required = new Set(schema.required);
  return table(
    "Fields of the body",
    Object.entries(schema.properties ?? {}).map(([name, field]) => [
      make("code", {}, name),
      make("span", {}, ...prose(field.description ?? "")),
      kindOf(field),
      required.has(name)
        ? "required"
        : field.default === undefined
          ? ""
          : `by default ${String(field.default)}`,
    ]),
  );
}

/** A form that sends the request, and what came of it. */
function tryOut(
  method: string,
  path: string,
  { operationId, parameters = [] }: Operation,
  body: Schema | undefined,
): HTMLElement {
  const inputs = parameters.map((parameter) => ({
    parameter,
    input: inputOf(operationId, parameter),
  }));
  const text = document.createElement("textarea");
  text.id = `${operationId}-body`;
  text.rows = 5;
  text.spellcheck = false;
  text.value = JSON.stringify(body?.example ?? {}, null, 2);
  const send = make("button", { type: "submit" }, "Send");
  const answer = make("div", { class: "answer", role: "status" });
  const form = make(
    "form",
    { class: "try", "aria-label": `Try ${method} ${path}` },
    ...inputs.map(({ parameter, input }) =>
      make("div", { class: "field" }, make("label", { for: input.id }, parameter.name), input),
    ),
    ...(body
      ? [make("div", { class: "field" }, make("label", { for: text.id }, "Body, in JSON"), text)]
      : []),
    send,
    answer,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const request = fill(path, inputs);
    const headers = {
      ...request.headers,
      ...(body ? { "content-type": "application/json" } : {}),
      ...(currentKey() ? { authorization: `Bearer ${currentKey()}` } : {}),
    };
    for (const sound of answer.querySelectorAll("audio")) URL.revokeObjectURL(sound.src);
    answer.replaceChildren("Waiting…");
    fetch(request.url, { method, headers, ...(body ? { body: text.value } : {}) })
      .then(show)
      .then((shown) => answer.replaceChildren(...shown))
      .catch((cause: unknown) => answer.replaceChildren(`No answer: ${String(cause)}`));
  });
  return make("details", {}, make("summary", {}, "Try it"), form);
}

function inputOf(operationId: string, { name, example }: Parameter): HTMLInputElement {
  const input = document.createElement("input");
  input.id = `${operationId}-${name}`;
  input.value = example ?? "";
  input.spellcheck = false;
  return input;
}

function fill(path: string, inputs: readonly { parameter: Parameter; input: HTMLInputElement }[]) {
  const headers: Record<string, string> = {};
  const query = new URLSearchParams();
  let filled = path;
  for (const { parameter, input } of inputs) {
    const { name } = parameter;
    if (parameter.in === "path")
      filled = filled.replace(`{${name}}`, encodeURIComponent(input.value));
    else if (input.value && parameter.in === "query") query.set(name, input.value);
    else if (input.value) headers[name.toLowerCase()] = input.value;
  }
  const url = new URL(filled.slice(1), document.baseURI);
  url.search = query.toString();
  return { url, headers };
}

/** What came, to see or to hear. */
async function show(answer: Response): Promise<(Node | string)[]> {
  const type = answer.headers.get("content-type") ?? "";
  const head = make(
    "p",
    {},
    make("strong", {}, `${answer.status} ${answer.statusText}`),
    ` ${type}`,
  );
  if (type.startsWith("audio/")) {
    const sound = URL.createObjectURL(await answer.blob());
    return [head, make("audio", { controls: "", src: sound })];
  }
  const text = await answer.text();
  const shown = type.startsWith("application/json")
    ? JSON.stringify(JSON.parse(text), null, 2)
    : text;
  return [head, make("pre", { tabindex: "0" }, shown.slice(0, 20_000))];
}

function article(
  reference: Reference,
  path: string,
  method: string,
  operation: Operation,
): HTMLElement {
  const { operationId, summary, description = "", parameters = [], responses } = operation;
  const schema = operation.requestBody?.content["application/json"]?.schema;
  const body = schema && resolve(reference, schema);
  return make(
    "article",
    { id: operationId, "aria-labelledby": `${operationId}-title` },
    make("h3", { id: `${operationId}-title` }, summary),
    make("p", {}, make("code", {}, `${method.toUpperCase()} ${path}`)),
    ...(description ? [make("p", {}, ...prose(description))] : []),
    ...(parameters.length > 0
      ? [
          table(
            "Parameters",
            parameters.map(({ name, description, in: where }) => [
              make("code", {}, name),
              make("span", {}, ...prose(description)),
              where,
            ]),
          ),
        ]
      : []),
    ...(body ? [fieldsOf(body)] : []),
    table(
      "Answers",
      Object.entries(responses).map(([status, { description, content }]) => [
        status,
        make("span", {}, ...prose(description)),
        Object.keys(content).join(", "),
      ]),
    ),
    tryOut(method.toUpperCase(), path, operation, body),
  );
}

async function render(): Promise<void> {
  keepKey();
  const answer = await fetch(new URL("openapi.json", document.baseURI));
  const reference = (await answer.json()) as Reference;
  const all = Object.entries(reference.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  for (const tag of new Set(all.flatMap(({ operation }) => operation.tags))) {
    const here = all.filter(({ operation }) => operation.tags.includes(tag));
    routes.append(
      make("h2", {}, tag),
      ...here.map(({ path, method, operation }) => article(reference, path, method, operation)),
    );
  }
  tell(state, `${all.length} routes, version ${reference.info.version}`);
}

render().catch((cause: unknown) => tell(state, `The description cannot be read: ${String(cause)}`));
