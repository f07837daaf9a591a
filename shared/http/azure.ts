import type { Translation } from "./translation.ts";

/** Azure's form of OpenAI's route: the deployment in the path is the model, and any `api-version` will do. */
export const azureDeployments: Translation = {
  paths: ["/openai/deployments/:deployment/audio/speech"],
  names: { model: "deployment" },
  inPath: ["model"],
  toOpenAi(fields, request) {
    const deployment = request.param("deployment");
    const { model, ...others } = fields;
    // Named as ignored where it says something else.
    const unheeded = model == null || model === deployment ? {} : { "body.model": model };
    return { ...others, ...unheeded, model: deployment };
  },
};

/** Its newer form, which is OpenAI's own under another path. */
export const azureV1: Translation = {
  paths: ["/openai/v1/audio/speech"],
  names: {},
  inPath: [],
  toOpenAi: (fields) => fields,
};
