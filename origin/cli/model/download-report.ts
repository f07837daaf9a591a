import type { WriteStream } from "node:tty";
import type { DownloadReport } from "../../download/download-checkpoint.ts";
import { formatBytes } from "../../download/format-bytes.ts";
import type { RemoteFile } from "../../download/list-files.ts";
import { createTransferRate } from "./transfer-rate.ts";

const redrawMilliseconds = 100;
const reportPercent = 10;
const usualColumns = 80;
const barColumns = 20;

/** Shows a download: one line that is redrawn on a terminal; elsewhere a line for every tenth of it. */
export function createDownloadReport(terminal: WriteStream): DownloadReport & { clear(): void } {
  const rate = createTransferRate();
  let totalBytes = 0;
  let finishedBytes = 0;
  let current: { file: RemoteFile; bytes: number } | undefined;
  let drawnAt = 0;
  let reportedPercent = 0;

  const clear = () => {
    if (terminal.isTTY) terminal.write("\r\u001b[K");
  };
  const line = (text: string) => {
    clear();
    terminal.write(`${text}\n`);
  };
  const status = (percent: number, bytes: number, path: string) => {
    const speed = rate.perSecond();
    const left = speed > 0 ? `, ${formatDuration((totalBytes - bytes) / speed)} left` : "";
    return `${percent} %  ${path}  ${formatBytes(speed)}/s${left}`;
  };

  function draw(file: RemoteFile, fileBytes: number): void {
    const bytes = finishedBytes + fileBytes;
    const percent = Math.floor((100 * bytes) / totalBytes);
    if (terminal.isTTY) {
      if (performance.now() - drawnAt < redrawMilliseconds) return;
      drawnAt = performance.now();
      clear();
      const line = `${bar(percent)} ${status(percent, bytes, file.path)}`;
      // A line that wraps could not be redrawn.
      terminal.write(line.slice(0, (terminal.columns || usualColumns) - 1));
    } else if (percent >= reportedPercent + reportPercent) {
      reportedPercent = percent - (percent % reportPercent);
      line(status(percent, bytes, file.path));
    }
  }

  return {
    begin(missing) {
      totalBytes = missing.reduce((total, { bytes }) => total + bytes, 0);
      const count = missing.length === 1 ? "1 file" : `${missing.length} files`;
      line(
        missing.length === 0
          ? "Nothing to download: every file is there."
          : `Downloading ${count}, ${formatBytes(totalBytes)}`,
      );
    },
    progress(file, bytes) {
      if (current?.file === file) rate.add(Math.max(0, bytes - current.bytes));
      else if (bytes > 0) line(`${file.path} goes on from ${formatBytes(bytes)}`);
      current = { file, bytes };
      draw(file, bytes);
    },
    finish({ path, bytes }) {
      finishedBytes += bytes;
      line(`${path}  ${formatBytes(bytes)}`);
    },
    retry(reason, delaySeconds) {
      line(
        delaySeconds > 0
          ? `${reason}; trying again in ${Math.ceil(delaySeconds)} s`
          : `${reason}; beginning anew`,
      );
    },
    clear,
  };
}

function bar(percent: number): string {
  const filled = Math.floor((barColumns * percent) / 100);
  return `[${"#".repeat(filled)}${".".repeat(barColumns - filled)}]`;
}

function formatDuration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const pad = (value: number) => String(value).padStart(2, "0");
  const rest = pad(whole % 60);
  return hours > 0 ? `${hours}:${pad(minutes)}:${rest}` : `${minutes}:${rest}`;
}
