import type { Row, SuiteResult } from "./suite.ts";

const barHeight = 22;
const nameWidth = 240;
const plotWidth = 420;
const valueWidth = 80;

/** A page with a plot of each quantity and all numbers, which loads nothing from elsewhere. */
export function htmlReport({ suite, rows, machine }: SuiteResult): string {
  const parts = [...new Set(rows.flatMap(({ msPerFrame }) => Object.keys(msPerFrame)))];
  const plots: [string, (row: Row) => number | null | undefined][] = [
    ["RTF", ({ rtf }) => rtf],
    ["ratio", ({ ratio }) => ratio],
    ["first audio, ms", ({ firstAudioMs }) => firstAudioMs],
    ...parts.map((part): [string, (row: Row) => number | undefined] => [
      `${part}, ms`,
      ({ msPerFrame }) => msPerFrame[part],
    ]),
  ];
  const facts = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>bench ${toHtml(suite)}</title>
<style>body{font:14px sans-serif;margin:2em;max-width:60em}svg{display:block}text{font:12px sans-serif}</style>
<h1>${toHtml(suite)}</h1><p>${toHtml(facts.join(", "))}</p>
${plots.map(([title, read]) => plot(title, rows, read)).join("\n")}
</html>
`;
}

/** Bars of the rows that have a value; nothing where none has. */
function plot(
  title: string,
  rows: readonly Row[],
  read: (row: Row) => number | null | undefined,
): string {
  const bars = rows.flatMap((row) => {
    const value = read(row);
    const name = row.precision ? `${row.name}, ${row.precision}` : row.name;
    return value == null || !Number.isFinite(value) ? [] : [{ name, value }];
  });
  if (bars.length === 0) return "";
  const most = Math.max(...bars.map(({ value }) => value));
  const drawn = bars.map(({ name, value }, index) => {
    const y = index * barHeight;
    const width = most > 0 ? (plotWidth * value) / most : 0;
    return `<text x="${nameWidth - 8}" y="${y + 15}" text-anchor="end">${toHtml(name)}</text>
<rect x="${nameWidth}" y="${y + 3}" width="${width.toFixed(1)}" height="${barHeight - 6}" fill="#3b6ea5"/>
<text x="${(nameWidth + width + 6).toFixed(1)}" y="${y + 15}">${Number(value.toPrecision(3))}</text>`;
  });
  const size = `width="${nameWidth + plotWidth + valueWidth}" height="${bars.length * barHeight}"`;
  return `<h2>${toHtml(title)}</h2>
<svg ${size} role="img" aria-label="${toHtml(title)}">
${drawn.join("\n")}
</svg>`;
}

function toHtml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
