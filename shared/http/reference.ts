import { type Context, type Env, Hono } from "hono";
import type { Catalogue } from "../catalogue.ts";
import { type Described, openApiDocument } from "../openapi/document.ts";
import { llmsText } from "../openapi/llms-text.ts";
import { onlyMethods } from "./methods.ts";

/** The routes that tell programs what there is: `/openapi.json` and `/llms.txt`. */
export function referenceRoutes<E extends Env>(describe: (c: Context<E>) => Described): Hono<E> {
  const app = new Hono<E>();
  /** A deployment's is the same from one request to the next. */
  const documents = new WeakMap<Catalogue, ReturnType<typeof openApiDocument>>();

  function documentOf(described: Described) {
    const document = documents.get(described.catalogue) ?? openApiDocument(described);
    documents.set(described.catalogue, document);
    return document;
  }

  app.get("/openapi.json", (c) => c.json(documentOf(describe(c))));
  app.get("/llms.txt", (c) => c.text(llmsText(describe(c))));
  for (const path of ["/openapi.json", "/llms.txt"]) app.all(path, onlyMethods("GET"));
  return app;
}
