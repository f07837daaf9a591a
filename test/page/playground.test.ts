import { execFile, execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import axe from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { writePage } from "../../origin/page/write-page.ts";
import { openVoiceStore } from "../../origin/voices/voice-store.ts";
import { patchWavSizes, wavHeader } from "../../shared/wav-header.ts";
import { startEdge } from "../support/edge.ts";
import { decode, hasFfmpeg } from "../support/ffmpeg.ts";
import { loudness } from "../support/hearing.ts";
import { keepVoice } from "../support/kept-voices.ts";
import { storeKey } from "../support/keys.ts";
import { type TemporaryModels, temporaryModels } from "../support/packs.ts";
import { speakAt48k } from "../support/spoken-recordings.ts";
import { startSystem, type TestSystem } from "../support/system.ts";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);
const missing = executablePath ? "" : " (skipped: no Chromium in /usr/bin)";

const isThere = (program: string) => spawnSync(program, ["--version"]).status === 0;
const [hasCurl, hasPython] = [isThere("curl"), isThere("python3")];

let models: TemporaryModels;
let system: TestSystem;
let folder: string;
let browser: Browser;
/** What the browser complained of, and what it asked other hosts. */
const complaints: string[] = [];

beforeAll(async () => {
  if (!executablePath) return;
  folder = await mkdtemp(join(tmpdir(), "page-test-"));
  await writePage(folder);
  models = temporaryModels();
  await models.build("0.6b-base");
  const microphone = join(folder, "microphone.wav");
  await writeFile(microphone, toWav(await speakAt48k()));
  [system, browser] = await Promise.all([
    // At twice the pace of speech, so that there is a while to hear it in.
    startSystem(
      { MODELS_DIR: models.directory, BUILTIN_PACE: "2", VOICES_DIR: join(folder, "voices") },
      { AUDIO: "audio" },
      { page: folder },
    ),
    chromium.launch({
      executablePath,
      args: [
        ...["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio"],
        ...["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
        `--use-file-for-fake-audio-capture=${microphone}`,
      ],
    }),
  ]);
});

afterAll(async () => {
  if (!executablePath) return;
  await browser.close();
  await system.close();
  models.remove();
  await rm(folder, { recursive: true });
});

afterEach(() => {
  expect(complaints.splice(0)).toEqual([]);
});

/** In 16 bits, as Chromium's microphone reads it. */
function toWav(pcm: Float32Array): Uint8Array {
  const header = wavHeader(48_000);
  const bytes = new Uint8Array(header.length + 2 * pcm.length);
  patchWavSizes(header, bytes.length);
  bytes.set(header);
  const view = new DataView(bytes.buffer);
  pcm.forEach((sample, index) => {
    view.setInt16(header.length + 2 * index, 32_767 * sample, true);
  });
  return bytes;
}

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

/** What the browser says of an answer that is none, whatever a page does. */
function forgive(status: number): void {
  const others = complaints.filter((text) => !text.includes(`status of ${status}`));
  complaints.splice(0, complaints.length, ...others);
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
    const another = await open(edge.url);
    expect(await another.inputValue("#key")).toBe("");
    await another.context().close();
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

  it("lets a voice be heard before it is chosen, and falls silent when it is asked to", async () => {
    const page = await open(system.url);
    const preview = page.locator("#preview");
    await preview.click();
    await expect.poll(() => preview.getAttribute("aria-pressed")).toBe("true");
    await expect
      .poll(() => preview.getAttribute("aria-pressed"), { timeout: 60_000 })
      .toBe("false");
    await preview.click();
    await expect.poll(() => preview.innerText()).toBe("Stop");
    await preview.click();
    await expect.poll(() => preview.innerText()).toBe("Preview");
    // Of two, one would be heard in the other.
    await preview.click();
    await expect.poll(() => preview.innerText()).toBe("Stop");
    await speak(page, "Now this.");
    await expect.poll(() => preview.innerText()).toBe("Preview");
    await page.locator(".take").waitFor({ timeout: 60_000 });
    const first = page.locator(".take [data-do=play]");
    expect(await first.getAttribute("aria-label")).toMatch(/take 1$/);
    await preview.click();
    await expect.poll(() => preview.innerText()).toBe("Stop");
    await page.click("#play");
    await expect.poll(() => preview.innerText()).toBe("Preview");
    await page.context().close();
  });

  it("draws another take, and keeps takes to be compared, used again and removed", async () => {
    const page = await open(system.url);
    await page.selectOption("#voice", "echo");
    await page.fill("#seed", "7");
    await speak(page, "To be compared.");
    await page.locator(".take").waitFor({ timeout: 60_000 });
    await page.fill("#seed", "");
    await page.selectOption("#voice", "alloy");
    await page.click("#another");
    await expect.poll(() => page.locator(".take").count(), { timeout: 60_000 }).toBe(2);
    await expect.poll(() => facts(page)).toMatch(/Passed by/);
    await expect
      .poll(() => page.locator(".take .how").first().innerText())
      .toMatch(/first sound \d+/);

    const first = page.locator(".take").last();
    await first.getByRole("button", { name: "Use settings" }).click();
    expect(await page.inputValue("#voice")).toBe("echo");
    expect(await page.inputValue("#seed")).toBe("7");
    const play = first.locator('[data-do="play"]');
    await play.click();
    await expect.poll(() => play.getAttribute("aria-label")).toBe("Pause take 1");
    await play.click();
    await expect.poll(() => play.getAttribute("aria-label")).toBe("Play take 1");
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      first.getByRole("button", { name: "Download" }).click(),
    ]);
    expect((await readFile(await file.path())).byteLength).toBeGreaterThan(1000);
    for (const count of [1, 0]) {
      await page.locator(".take").last().getByRole("button", { name: "Remove" }).click();
      expect(await page.locator(".take").count()).toBe(count);
    }
    expect(await page.locator("#history-hint").isVisible()).toBe(true);
    await page.context().close();
  });

  it("shows the text as it is said, and goes to a word that is clicked", async () => {
    const page = await open(system.url);
    await page.waitForTimeout(2000);
    await speak(
      page,
      "Some words to **read** along with, one after the other, until all are said.",
    );
    await page.locator("#download").waitFor({ timeout: 60_000 });
    const along = page.locator("#along");
    expect(await along.innerText()).toBe(await page.inputValue("#input"));
    const word = along.locator("span", { hasText: "until" });
    await word.click();
    await page.locator("#play").click();
    await expect
      .poll(() => along.locator(".now").allInnerTexts(), { timeout: 60_000 })
      .toEqual([expect.stringMatching(/until|all|are|said/)]);
    await page.context().close();
  });

  it("draws its position seldom where less motion is asked for", async () => {
    const context = await browser.newContext({ reducedMotion: "reduce" });
    const page = await context.newPage();
    await page.addInitScript(
      "window.draws = 0; const draw = requestAnimationFrame; window.requestAnimationFrame = (f) => { window.draws++; return draw(f); };",
    );
    await page.goto(system.url);
    await page.locator("#voice option").first().waitFor({ state: "attached" });
    await speak(
      page,
      "Nothing moves that need not, while this is being said to you at its leisure.",
    );
    await expect
      .poll(() => page.locator("#time").innerText(), { timeout: 60_000 })
      .toMatch(/^0:0[1-9]/);
    expect(await page.evaluate("window.draws")).toBe(0);
    await context.close();
  });

  it("is used by keys alone", async () => {
    const page = await open(system.url);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.evaluate("document.activeElement.id")).toBe("input");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("By keys alone, from the beginning to the end of it.");
    await page.keyboard.press("Control+Enter");
    await page.locator("#download").waitFor({ timeout: 60_000 });
    const reached = new Set<unknown>();
    for (let press = 0; press < 30; press++) {
      await page.keyboard.press("Tab");
      reached.add(await page.evaluate("document.activeElement.id"));
    }
    for (const id of [
      "speak",
      "another",
      "seek",
      "play",
      "download",
      "model",
      "voice",
      "preview",
      "markup",
      "copy",
    ]) {
      expect(reached, id).toContain(id);
    }
    await page.locator("#seek").focus();
    await page.keyboard.press("Home");
    for (let press = 0; press < 8; press++) await page.keyboard.press("ArrowRight");
    const at = await page
      .locator("#seek")
      .evaluate((slider: { valueAsNumber: number }) => slider.valueAsNumber);
    expect(at).toBeGreaterThan(0.5);
    await page.context().close();
  });

  it.skipIf(!hasCurl)("has programs to copy that do what the page does", async () => {
    const page = await open(system.url);
    await page.fill("#input", 'It\'s "quoted", and costs $5 — or `more`.');
    const copied = async (name: string) => {
      await page.getByRole("radio", { name }).check();
      return page.inputValue("#code");
    };
    const room = await mkdtemp(join(tmpdir(), "snippets-"));
    await symlink(join(process.cwd(), "node_modules"), join(room, "node_modules"));
    const run = async (program: string, args: string[]) => {
      await rm(join(room, "speech.mp3"), { force: true });
      await promisify(execFile)(program, args, { cwd: room, timeout: 60_000 });
      return readFile(join(room, "speech.mp3"));
    };
    const byCurl = await run("sh", ["-c", await copied("curl")]);
    const byNode = await run("node", ["--input-type=module", "-e", await copied("JavaScript")]);
    expect(byCurl.byteLength).toBeGreaterThan(10_000);
    expect(byNode.equals(byCurl)).toBe(true);
    if (hasPython) {
      const python = await copied("Python");
      const parse = "import ast, sys; ast.parse(sys.stdin.read())";
      execFileSync("python3", ["-c", parse], { input: python });
    }
    await page.context().close();
    await rm(room, { recursive: true });
  });

  it("has voices of one's own chosen, heard, renamed and deleted", async () => {
    const store = openVoiceStore(join(folder, "voices"), {
      error: (about) => complaints.push(String(about)),
    });
    const { id } = await keepVoice(store, "Anna");
    const page = await open(system.origin.url);
    const group = page.locator("#voice optgroup").last();
    expect(await group.getAttribute("label")).toBe("Your voices");
    await page.selectOption("#voice", id);
    expect(await page.locator("#voice-hint").innerText()).toMatch(/Spoken by .*0\.6b-base/);
    const preview = page.locator("#preview");
    await preview.click();
    await expect.poll(() => preview.innerText()).toBe("Stop");
    await expect.poll(() => preview.innerText(), { timeout: 60_000 }).toBe("Preview");
    await speak(page, "As Anna.");
    await page.locator(".take").waitFor({ timeout: 60_000 });
    expect(await page.locator(".take .how").innerText()).toContain("Anna");
    expect(await page.inputValue("#code")).toContain(id);
    await page.selectOption("#model", "tts-1-hd");
    expect(await page.locator("#voice optgroup[label='Your voices']").count()).toBe(0);

    const item = page.locator(".voice");
    await item.getByRole("button", { name: "Play Anna" }).click();
    await item.getByRole("button", { name: "Stop Anna" }).click();
    await item.getByRole("button", { name: "Play Anna" }).waitFor();
    await item.getByRole("button", { name: "Rename Anna" }).click();
    await page.fill("#question-name", "alloy");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator("#question-error").innerText()).toMatch(/alloy/);
    forgive(400);
    await page.fill("#question-name", "Berta");
    await page.click("#question-yes");
    await item.getByText("Berta", { exact: true }).waitFor();
    await item.getByRole("button", { name: "Delete Berta" }).click();
    await page.click("#question-no");
    expect(await store.book.listVoices()).toHaveLength(1);
    await item.getByRole("button", { name: "Delete Berta" }).click();
    await page.click("#question-yes");
    await item.waitFor({ state: "detached" });
    expect(await store.book.listVoices()).toEqual([]);
    await page.context().close();
  });

  it("records a consent and a voice, and says beside the field what the server says of them", async () => {
    const page = await open(system.origin.url);
    await page.locator("#clone summary").click();
    await page.selectOption("#clone-language", "de");
    expect(await page.locator("#consent-sentence").innerText()).toMatch(/^Ich bin/);
    await page.locator("#clone-form [type=submit]").click();
    const errors = page.locator("#clone-form .error:visible");
    expect(await errors.allInnerTexts()).toEqual(["Name is required."]);
    await page.fill("#clone-name", "Anna");
    for (const place of ["#consent-recorder", "#sample-recorder"]) {
      const recorder = page.locator(place);
      await recorder.locator("[data-do=record]").click();
      await expect
        .poll(() => recorder.locator(".time").innerText(), { timeout: 60_000 })
        .toMatch(/^[3-9] of 60 s/);
      expect(
        await recorder.locator("meter").evaluate((meter: { value: number }) => meter.value),
      ).toBeGreaterThan(0);
      await recorder.locator("[data-do=record]").click();
      await recorder.locator("[data-do=listen]").waitFor();
      expect(await recorder.locator(".time").innerText()).toMatch(/^Recorded, \d+\.\d s$/);
    }
    const sample = page.locator("#sample-recorder");
    await sample.locator("[data-do=listen]").click();
    await expect.poll(() => sample.locator("[data-do=listen]").innerText()).toBe("Stop");
    await sample.locator("[data-do=discard]").click();
    await page.locator("#clone-form [type=submit]").click();
    expect(await errors.allInnerTexts()).toEqual(["A recording of the voice is required."]);
    await sample.locator("input").setInputFiles(join(folder, "microphone.wav"));
    await page.locator("#clone-form [type=submit]").click();
    await page.locator(".voice").getByText("Anna", { exact: true }).waitFor({ timeout: 60_000 });
    expect(await errors.allInnerTexts()).toEqual([]);
    const answer = await fetch(`${system.origin.url}/v1/audio/voice_consents`);
    expect(await answer.json()).toMatchObject({ data: [{ language: "de" }] });

    await page.locator("#design summary").click();
    await page.fill("#design-name", "a/b");
    await page.fill("#design-prompt", "An old sailor.");
    await page.locator("#design-form [type=submit]").click();
    await expect
      .poll(() => page.locator("#design-name-error").innerText())
      .toMatch(/free of slashes/);
    forgive(400);
    await page.getByRole("button", { name: "Delete Anna" }).click();
    await page.click("#question-yes");
    await page.locator(".voice").waitFor({ state: "detached" });
    await page.context().close();
  });

  it("says in a sentence that a server keeps no voices", async () => {
    const edge = await startEdge(
      { ORIGIN_URLS: system.origin.url },
      { page: folder, unbound: true },
    );
    const page = await open(edge.url);
    await page.locator("#design summary").click();
    await page.locator("#design [data-unkept]").waitFor({ timeout: 60_000 });
    expect(await page.locator("#design [data-unkept]").innerText()).toMatch(/keeps no voices/);
    expect(await page.locator("#design-form").isVisible()).toBe(false);
    forgive(503);
    await page.context().close();
    await edge.close();
  });

  it("has a dialogue spoken, put in order by keys alone", async () => {
    const page = await open(system.url);
    await page.fill("#input", "Is it far?");
    await page.selectOption("#voice", "echo");
    await page.locator("#dialogue").focus();
    await page.keyboard.press("Space");
    const lines = page.locator(".turn textarea");
    expect(await lines.first().inputValue()).toBe("Is it far?");
    // Somebody else answers.
    expect(await page.getByLabel("Voice of line 2").inputValue()).toBe("alloy");
    await page.getByLabel("Line 2", { exact: true }).fill("Not at all.");
    await page.getByLabel("Voice of line 2").selectOption("nova");
    await page.locator("#add-turn").focus();
    await page.keyboard.press("Enter");
    await page.keyboard.type("Who is there?");
    await page.getByRole("button", { name: "Move up line 3" }).focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    const said = () =>
      lines.evaluateAll((all: { value: string }[]) => all.map(({ value }) => value));
    expect(await said()).toEqual(["Who is there?", "Is it far?", "Not at all."]);
    expect(await page.locator("#turns-status").innerText()).toBe("Now line 1 of 3.");
    await page.getByRole("button", { name: "Remove line 1" }).click();
    await page.getByLabel("Line 2", { exact: true }).press("Control+Enter");
    await page.locator(".take").waitFor({ timeout: 60_000 });
    expect(await page.locator(".take .said").innerText()).toBe(
      "echo: Is it far? — nova: Not at all.",
    );
    const input =
      '"input":[{"voice":"echo","text":"Is it far?"},{"voice":"nova","text":"Not at all."}]';
    expect(await page.inputValue("#code")).toContain(input);
    await page.locator("#dialogue").uncheck();
    await page.getByRole("button", { name: "Use settings" }).click();
    expect(await said()).toEqual(["Is it far?", "Not at all."]);
    await page.getByLabel("Line 2", { exact: true }).fill("");
    await page.click("#speak");
    await expect.poll(() => page.locator("#input-error").innerText()).toMatch(/Input\[1\]/);
    forgive(400);
    await page.context().close();
  });

  it.each<View>([
    { width: 320, height: 700, colorScheme: "light" },
    { width: 1280, height: 900, colorScheme: "dark" },
  ])("has no fault in dialogue and voices either, %j", async (view) => {
    const store = openVoiceStore(join(folder, "voices"), {
      error: (about) => complaints.push(String(about)),
    });
    const { id } = await keepVoice(
      store,
      "A voice with a name that is longer than most others are",
    );
    const page = await open(system.origin.url, view);
    await page.locator("#dialogue").check();
    for (const summary of ["#clone summary", "#design summary"])
      await page.locator(summary).click();
    await page.locator("#consent-recorder [data-do=record]").click();
    await page.locator("#consent-recorder meter").waitFor();
    await page.evaluate(axe.source);
    const violations = () =>
      page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
        return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
      });
    expect(await violations()).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth > innerWidth")).toBe(false);
    await page.getByRole("button", { name: /^Rename/ }).click();
    expect(await violations()).toEqual([]);
    await store.book.removeVoice(id);
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
      await page.evaluate(
        "window.revoked = 0; const revoke = URL.revokeObjectURL; URL.revokeObjectURL = (url) => { window.revoked++; revoke.call(URL, url); };",
      );
      for (const article of [list, speech]) {
        await article.locator("summary").click();
        await article.getByRole("button", { name: "Send" }).click();
      }
      await expect
        .poll(() => list.locator("pre").innerText(), { timeout: 60_000 })
        .toContain("Vivian");
      await speech.locator("audio").waitFor({ timeout: 60_000 });
      await speech.getByRole("button", { name: "Send" }).click();
      await expect.poll(() => page.evaluate("window.revoked")).toBe(1);
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
