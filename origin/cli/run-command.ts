/** What a program can do, by the names of its commands; each takes the arguments after its name. */
type Commands = Readonly<Record<string, (args: string[]) => Promise<void> | void>>;

/**
 * Runs the command that this process's arguments name, or shows the help. What a command throws is told in words and makes
 * the exit code 1, unless the command has set another.
 */
export async function runCommand(commands: Commands, help: string): Promise<void> {
  const [name = "help", ...args] = process.argv.slice(2);
  try {
    if (["help", "--help"].includes(name) || args.includes("--help")) {
      process.stdout.write(help);
      return;
    }
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command) throw new Error(`There is no command ${name}.\n\n${help}`);
    await command(args);
  } catch (cause) {
    process.stderr.write(`${cause instanceof Error ? cause.message : cause}\n`);
    process.exitCode ??= 1;
  }
}
