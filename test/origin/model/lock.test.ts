import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { acquireLock } from "../../../origin/model/lock.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lock-"));
  path = join(folder, "of-a-repository.lock");
});

afterEach(() => rm(folder, { recursive: true }));

const acquire = () => acquireLock(path, "Another pull of it");
const since = "2026-01-02T03:04:05.678Z";

function heldBy(holder: { pid: number | undefined; host: string; since: string }): void {
  writeFileSync(path, JSON.stringify(holder));
}

it("lets one in at a time, and says who it is", () => {
  const lock = acquire();
  const { since: mine } = JSON.parse(readFileSync(path, "utf8"));
  expect(acquire).toThrow(
    `Another pull of it is under way: process ${process.pid} on ${hostname()} since ${mine}. ` +
      `Wait for it, or delete ${path} if that is not so`,
  );
  lock.release();
  expect(existsSync(path)).toBe(false);
  acquire().release();
});

it("waits for nobody who is dead", async () => {
  const child = spawn("true");
  await once(child, "exit");
  heldBy({ pid: child.pid, host: hostname(), since });
  const lock = acquire();
  expect(JSON.parse(readFileSync(path, "utf8")).pid).toBe(process.pid);
  lock.release();
  expect(readdirSync(folder)).toEqual([]);
});

it("knows a process from an earlier one that had its id", () => {
  heldBy({ pid: process.pid, host: hostname(), since });
  acquire().release();
});

it("leaves the lock of a running process, of another machine and of who knows whom", () => {
  heldBy({ pid: process.ppid, host: hostname(), since });
  expect(acquire).toThrow(`process ${process.ppid} on ${hostname()} since ${since}`);
  heldBy({ pid: 4_000_000, host: "elsewhere", since });
  expect(acquire).toThrow(`process 4000000 on elsewhere since ${since}`);
  writeFileSync(path, "");
  expect(acquire).toThrow("Another pull of it is under way: another process. Wait for it");
});
