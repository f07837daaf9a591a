// The published checkpoints are too big for a test; the list of their tensors is not.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { codecConfig } from "../../../../origin/model/checkpoint/codec-config.ts";
import { codecDecoderShapes } from "../../../../origin/model/checkpoint/codec-decoder-shapes.ts";
import { codecEncoderShapes } from "../../../../origin/model/checkpoint/codec-encoder-shapes.ts";
import { modelConfig } from "../../../../origin/model/checkpoint/model-config.ts";
import { modelShapes } from "../../../../origin/model/checkpoint/model-shapes.ts";
import { type Shapes, under } from "../../../../origin/model/checkpoint/shapes.ts";
import { referenceDirectory } from "../../../support/golden-cases.ts";

const absent = "the official configurations are not on this machine";

function officialConfig(name: string): unknown {
  return JSON.parse(readFileSync(`${referenceDirectory}official-config/${name}.json`, "utf8"));
}

/** The lines of one section of tensors.txt that name tensors. */
function officialTensors(section: string): string[] {
  const sections = readFileSync(`${referenceDirectory}tensors.txt`, "utf8").split("===== ");
  const text = sections.find((candidate) => candidate.startsWith(`${section}\n`)) ?? "";
  return text.split("\n").filter((line) => line.endsWith("]"));
}

function listed(shapes: Shapes): string[] {
  return Object.entries(shapes).map(([name, shape]) => `${name} [${shape.join(", ")}]`);
}

/** "28 talker.model.layers.{}.… [2048, 1024]" for tensors that differ in their numbers only. */
function grouped(lines: string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const group = line.replaceAll(/\.\d+(?=\.)/g, ".{}");
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  return [...counts].map(([group, count]) => `${count} ${group}`);
}

describe("the tensors computed from the official configuration are those of the official file", () => {
  test.for([
    ["0.6b-custom-voice", "0b6 custom_voice"],
    ["1.7b-custom-voice", "1b7 custom_voice"],
    ["1.7b-voice-design", "1b7 custom_voice"],
    ["0.6b-base", "0b6 base"],
    ["1.7b-base", "1b7 base"],
  ] as const)("%s", ([name, section], context) => {
    if (!referenceDirectory) return context.skip(absent);
    const shapes = modelShapes(modelConfig.parse(officialConfig(name)));
    const official = officialTensors(section);

    expect(grouped(listed(shapes)).sort()).toEqual(official.sort());
    expect(official.length).toBeGreaterThan(30);
  });

  test("codec", (context) => {
    if (!referenceDirectory) return context.skip(absent);
    const config = codecConfig.parse(officialConfig("speech-tokenizer"));
    const shapes = {
      ...under("decoder", codecDecoderShapes(config.decoder_config)),
      ...under("encoder", codecEncoderShapes(config.encoder_config)),
    };

    expect(listed(shapes).sort()).toEqual(officialTensors("codec").sort());
    expect(Object.keys(shapes)).toHaveLength(496);
  });
});
