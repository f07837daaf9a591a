// The front-end is a part of the graph: the transform is a convolution with the waves of its bins, which takes a hundredth of
// what the network behind it does, and one file then holds all there is between a recording and its vector.
import type { SpeakerEncoderConfig } from "../checkpoint/model-config.ts";
import type { Value } from "../onnx/graph.ts";
import { linear } from "../onnx/linear.ts";
import { add, logarithm, maximum, multiply, squareRoot } from "../onnx/ops/arithmetic.ts";
import { convolve } from "../onnx/ops/convolution.ts";
import { pad, split, transpose, unsqueeze } from "../onnx/ops/shape.ts";
import { melFilters } from "./mel-filters.ts";

const windowSamples = 1024;
export const hopSamples = 256;
const bins = windowSamples / 2 + 1;

/** Floors of the official code, under magnitudes and before the logarithm. */
const powerFloor = 1e-9;
const melFloor = 1e-5;

/** samples [1, N] at the encoder's rate to the logarithms of mel bands [1, N / 256 rounded down, bands]. */
export function melSpectrogram(samples: Value, config: SpeakerEncoderConfig): Value {
  const { model } = samples;
  const reach = (windowSamples - hopSamples) / 2;
  const padded = pad(unsqueeze(samples, [1]), {
    axis: 2,
    before: reach,
    after: reach,
    mode: "reflect",
  });
  const waves = model.initializer(
    "mel.waves",
    "float32",
    [2 * bins, 1, 1, windowSamples],
    windowedWaves,
  );
  const parts = convolve(padded, waves, null, { stride: hopSamples });
  const [real, imaginary] = split(parts, [bins, bins], 1);
  const power = add(add(multiply(real, real), multiply(imaginary, imaginary)), powerFloor);
  const mel = linear(transpose(squareRoot(power), [0, 2, 1]), {
    name: "mel.filters",
    inputs: bins,
    outputs: config.mel_dim,
    format: "float32",
    read: () =>
      melFilters({ sampleRate: config.sample_rate, windowSamples, bands: config.mel_dim }),
  });
  return logarithm(maximum(mel, melFloor));
}

/** The real and then the imaginary waves of the transform [2 · bins, window], under a periodic Hann window. */
function windowedWaves(): Float32Array {
  const waves = new Float32Array(2 * bins * windowSamples);
  for (let sample = 0; sample < windowSamples; sample++) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * sample) / windowSamples);
    for (let bin = 0; bin < bins; bin++) {
      // Whole turns left out, the angle is exact.
      const angle = (2 * Math.PI * ((bin * sample) % windowSamples)) / windowSamples;
      waves[bin * windowSamples + sample] = window * Math.cos(angle);
      waves[(bins + bin) * windowSamples + sample] = -window * Math.sin(angle);
    }
  }
  return waves;
}
