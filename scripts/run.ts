/** Runs the commands of the test runner. */
import { spawn } from "node:child_process";
import process from "node:process";
import { root } from "./bundle.ts";

/** The longest that one command may take, in milliseconds. */
const TIME_LIMIT = 20 * 60_000;

/** How a command ended. */
export interface Ended {
  readonly ok: boolean;
  /** All that it wrote, on both streams, in order. */
  readonly output: string;
}

/**
 * Runs a command in the repository, or in `cwd`, and gives what it wrote; with `live` also shows that at once. A command that
 * cannot be started, that fails or that takes too long is not ok.
 */
export function run(
  command: string,
  args: readonly string[],
  live = false,
  variables: Readonly<Record<string, string>> = {},
  cwd: string = root,
): Promise<Ended> {
  return new Promise((done) => {
    const colours = process.stdout.isTTY === true ? {} : { NO_COLOR: "1", FORCE_COLOR: undefined };
    const env = { ...process.env, ...colours, ...variables };
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const pieces: string[] = [];
    const take = (piece: string): void => {
      pieces.push(piece);
      if (live) process.stderr.write(piece);
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", take);
    const timer = setTimeout(() => {
      take(`\n${command} took more than ${TIME_LIMIT / 60_000} minutes and was ended\n`);
      child.kill("SIGKILL");
    }, TIME_LIMIT);
    child.on("error", (error) => {
      clearTimeout(timer);
      done({ ok: false, output: `${command}: ${error.message}\n` });
    });
    child.on("close", (status) => {
      clearTimeout(timer);
      done({ ok: status === 0, output: pieces.join("") });
    });
  });
}
