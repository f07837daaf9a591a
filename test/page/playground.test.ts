import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { writePage } from "../../origin/page/write-page.ts";
import { startEdge } from "../support/edge.ts";
import { decode, hasFfmpeg } from "../support/ffmpeg.ts";
import { loudness } from "../support/hearing.ts";
import { storeKey } from "../support/keys.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
const missing = executablePath ? "" : " (skipped: no Chromium in /usr/bin)";

let system: TestSystem;
let folder: string;
let browser: Browser;
/** What the browser complained of, and what it asked other hosts. */
const complaints: string[] = [];

beforeAll(async () => {
  if (!executablePath) return;
  folder = await mkdtemp(join(tmpdir(), "page-test-"));
  await writePage(folder);
  [system, browser] = await Promise.all([
    // At twice the pace of speech, so that there is a while to hear it in.
    startSystem({ ENGINE: "builtin", BUILTIN_PACE: "2" }, { AUDIO: "audio" }, { page: folder }),
    chromium.launch({
      executablePath,
      args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio"],
    }),
  ]);
});

afterAll(async () => {
  if (!executablePath) return;
  await browser.close();
  await system.close();
  await rm(folder, { recursive: true });
});

afterEach(() => {
  expect(complaints.splice(0)).toEqual([]);
});

interface View {
  width?: number;
  height?: number;
  colorScheme?: "light" | "dark";
}

async function open(url: string, view: View = {}): Promise<Page> {
  const page = await openPage(url, view);
  await page.locator("#voice option").first().waitFor({ state: "attached" });
  return page;
}

async function openPage(
  url: string,
  { width = 1280, height = 900, colorScheme = "light" }: View = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    const asked = request.url();
    if (!asked.startsWith(new URL(url).origin) && !asked.startsWith("blob:"))
      complaints.push(asked);
  });
  await page.goto(url);
  return page;
}

async function speak(page: Page, text: string): Promise<void> {
  await page.fill("#input", text);
  await page.click("#speak");
}

const facts = (page: Page) => page.locator("#facts").innerText();

describe.skipIf(!executablePath)(`the playground in Chromium${missing}`, () => {
  it.each(["edge", "origin"] as const)("of the %s plays while it streams", async (program) => {
    const page = await open(program === "edge" ? system.url : system.origin.url);
    // Some four minutes of speech, which leave in two, however busy the machine: it is heard long before they are over.
    await speak(page, "This is a sentence that takes a good while to say aloud. ".repeat(70));
    await expect
      .poll(() => page.locator("#time").innerText(), { timeout: 60_000 })
      .toMatch(/^0:[0-2][1-9]/);
    // What can be taken home is whole.
    expect(await page.locator("#download").isVisible()).toBe(false);
    expect(await page.locator("#stand-in").innerText()).toContain("espeak-ng");
    await page.context().close();
  });

  it("says what it heard, and finds it in the cache when it is asked again", async () => {
    const page = await open(system.url);
    await speak(page, "Said twice.");
    await expect.poll(() => facts(page), { timeout: 60_000 }).toMatch(/Miss/);
    await expect.poll(() => facts(page), { timeout: 60_000 }).toMatch(/First sound\s+after \d+ ms/);
    await expect
      .poll(
        async () => {
          await page.click("#speak");
          await page.waitForTimeout(500);
          return facts(page);
        },
        { timeout: 60_000 },
      )
      .toMatch(/Hit/);
    expect(await facts(page)).toMatch(/espeak-ng/);
    await page.context().close();
  });

  it.skipIf(!hasFfmpeg)("gives the file away, and it is not silent", async () => {
    const page = await open(system.url);
    await speak(page, "To be taken home.");
    const download = page.locator("#download");
    await download.waitFor({ timeout: 60_000 });
    const [file] = await Promise.all([page.waitForEvent("download"), download.click()]);
    const { pcm } = await decode(await readFile(await file.path()));
    expect(loudness(pcm)).toBeGreaterThan(0.02);
    expect(file.suggestedFilename()).toMatch(/\.mp3$/);
    await page.context().close();
  });

  it("shows an error as a sentence beside the field it names", async () => {
    const page = await open(system.url);
    await page.fill("#seed", "-5");
    await speak(page, "Not like this.");
    const error = page.locator("#seed-error");
    await error.waitFor({ timeout: 60_000 });
    expect(await error.innerText()).toMatch(/whole number from 0/i);
    expect(await page.locator("#seed").getAttribute("aria-invalid")).toBe("true");
    // What the browser says of a 400, whatever a page does.
    complaints.splice(
      0,
      complaints.length,
      ...complaints.filter((text) => !/status of 400/.test(text)),
    );
    await page.context().close();
  });

  it("goes to where the waveform is clicked", async () => {
    const page = await open(system.url);
    await speak(page, "Somewhere in here is the place.");
    await page.locator("#download").waitFor({ timeout: 60_000 });
    const { width = 0 } = (await page.locator("#seek").boundingBox()) ?? {};
    await page.locator("#seek").click({ position: { x: width / 4, y: 40 } });
    const at = await page
      .locator("#seek")
      .evaluate(
        (slider: { valueAsNumber: number; max: string }) => slider.valueAsNumber / +slider.max,
      );
    expect(at).toBeGreaterThan(0.15);
    expect(at).toBeLessThan(0.5);
    await page.context().close();
  });

  it("asks for a key where there are keys, keeps it for the session, and says when it is not good", async () => {
    const edge = await startEdge(
      { ORIGIN_URLS: system.origin.url, AUTH: "keys" },
      { page: folder },
    );
    const { key } = await storeKey(edge);
    const page = await open(edge.url);
    await page.fill("#key", "sk-tts-wrong");
    await speak(page, "Who asks?");
    await page.locator("#key-error").waitFor({ timeout: 60_000 });
    // What the browser says of a 401, whatever a page does.
    expect(complaints.splice(0).every((text) => /status of 401/.test(text))).toBe(true);
    await page.fill("#key", key);
    await page.click("#speak");
    await page.locator("#download").waitFor({ timeout: 60_000 });
    await page.reload();
    await page.locator("#key-field").waitFor();
    expect(await page.inputValue("#key")).toBe(key);
    expect(await page.inputValue("#code")).not.toContain(key);
    await page.context().close();
    await edge.close();
  });

  it("shows the same as curl, JavaScript and Python", async () => {
    const page = await open(system.url);
    await page.fill("#input", 'It\'s "quoted".');
    for (const [name, call] of [
      ["curl", `curl ${system.url}/v1/audio/speech`],
      ["JavaScript", "audio.speech"],
      ["Python", "audio.speech"],
    ] as const) {
      await page.getByRole("radio", { name }).check();
      expect(await page.inputValue("#code")).toContain(call);
    }
    await page.context().close();
  });

  it.each<View>([
    { width: 1280, height: 900, colorScheme: "light" },
    { width: 1280, height: 900, colorScheme: "dark" },
    { width: 390, height: 844, colorScheme: "light" },
    { width: 390, height: 844, colorScheme: "dark" },
  ])("has nothing that axe finds fault with, %j", async (view) => {
    const page = await open(system.url, view);
    await speak(page, "For everybody.");
    await page.locator("#download").waitFor({ timeout: 60_000 });
    await page.evaluate(axe.source);
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
      return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    });
    expect(violations).toEqual([]);
    const isWider = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
    expect(isWider).toBe(false);
    await page.context().close();
  });
});

describe.skipIf(!executablePath)(`the reference in Chromium${missing}`, () => {
  it.each(["edge", "origin"] as const)(
    "of the %s has every route, and tries them",
    async (program) => {
      const url = program === "edge" ? system.url : system.origin.url;
      const colorScheme = program === "edge" ? "light" : "dark";
      const page = await openPage(`${url}/docs`, { colorScheme });
      const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object };
      const routes = Object.values(paths).flatMap(Object.keys).length;
      await expect.poll(() => page.locator("article").count(), { timeout: 60_000 }).toBe(routes);
      const list = page.locator("#getV1AudioVoices");
      const speech = page.locator("#postV1AudioSpeech");
      for (const article of [list, speech]) {
        await article.locator("summary").click();
        await article.getByRole("button", { name: "Send" }).click();
      }
      await expect
        .poll(() => list.locator("pre").innerText(), { timeout: 60_000 })
        .toContain("Vivian");
      await speech.locator("audio").waitFor({ timeout: 60_000 });
      await page.evaluate(axe.source);
      const violations = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
        return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
      });
      expect(violations).toEqual([]);
      await page.context().close();
    },
  );
});

describe.skipIf(!executablePath)(`the files of the page${missing}`, () => {
  it.each(["edge", "origin"] as const)(
    "are kept for long, and the page is asked for anew, at the %s",
    async (program) => {
      const url = program === "edge" ? system.url : system.origin.url;
      const page = await fetch(url);
      expect(page.headers.get("content-security-policy")).toMatch(/default-src 'none'/);
      expect(page.headers.get("content-security-policy")).not.toContain("unsafe");
      expect(page.headers.get("x-content-type-options")).toBe("nosniff");
      expect(page.headers.get("referrer-policy")).toBe("no-referrer");
      const again = await fetch(url, {
        headers: { "if-none-match": page.headers.get("etag") ?? "" },
      });
      expect(again.status).toBe(304);
      const [script = ""] = /assets\/page-[^"]+\.js/.exec(await page.text()) ?? [];
      const asset = await fetch(`${url}/${script}`);
      expect(asset.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
      expect((await fetch(`${url}/assets/nothing.js`)).status).toBe(404);
      await asset.arrayBuffer();
    },
  );
});
