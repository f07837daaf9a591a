import { noPeaks, type Peaks } from "./peaks.ts";

const barWidth = 3;
const gap = 2;
const leastHeight = 2;

export interface Waveform {
  /** Draws `peaks` over a width of `span` seconds, of which `position` have been played. */
  draw(peaks: Peaks, span: number, position: number): void;
}

/** A waveform on a canvas, in the colours that the style sheet gives it, at whatever size it has. */
export function createWaveform(canvas: HTMLCanvasElement): Waveform {
  let last: [Peaks, number, number] = [noPeaks, 1, 0];
  function paint(): void {
    const context = canvas.getContext("2d");
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!context || width === 0) return;
    const scale = window.devicePixelRatio;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    context.scale(scale, scale);
    const style = getComputedStyle(canvas);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const [played, arrived, awaited] = [
      colour("--played"),
      colour("--arrived"),
      colour("--awaited"),
    ];
    const [peaks, span, position] = last;
    const count = Math.floor(width / (barWidth + gap));
    for (let i = 0; i < count; i++) {
      const [from, to] = [(i / count) * span, ((i + 1) / count) * span];
      const level = from < peaks.seconds ? levelBetween(peaks, from, to) : 0;
      const bar = Math.max(leastHeight, Math.sqrt(level) * height * 0.94);
      context.fillStyle = from >= peaks.seconds ? awaited : from < position ? played : arrived;
      context.beginPath();
      context.roundRect(i * (barWidth + gap), (height - bar) / 2, barWidth, bar, barWidth / 2);
      context.fill();
    }
  }
  new ResizeObserver(paint).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  return {
    draw(peaks, span, position) {
      last = [peaks, span, position];
      paint();
    },
  };
}

function levelBetween({ values, seconds }: Peaks, from: number, to: number): number {
  const perSecond = values.length / seconds;
  const end = Math.max(Math.floor(from * perSecond) + 1, Math.floor(to * perSecond));
  let largest = 0;
  for (let i = Math.floor(from * perSecond); i < Math.min(end, values.length); i++) {
    largest = Math.max(largest, values[i] ?? 0);
  }
  return Math.min(1, largest);
}
