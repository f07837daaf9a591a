import { buffer } from "node:stream/consumers";

/**
 * The text to speak: what was given as an argument, or standard input where that is "-" or nothing. Its last line
 * break is dropped, so that `echo hello |` says, and draws the seed of, the same as "hello".
 *
 * Throws when there is neither, or when standard input is not UTF-8.
 */
export async function readText(argument: string | undefined): Promise<string> {
  if (argument !== undefined && argument !== "-") return argument;
  if (argument === undefined && process.stdin.isTTY) {
    throw new Error('There is no text: npm run speak -- "Hello, world!" (--help says more)');
  }
  const bytes = await buffer(process.stdin);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r?\n$/, "");
  } catch {
    throw new Error(`The ${bytes.length} bytes on standard input are not UTF-8.`);
  }
}
