/** One ping from a namespace, with the answer that came. */
import { once } from "node:events";
import type { NsHandle } from "../../netns/handle.ts";
import { echo } from "./echo.ts";

/** How often to ask: the first packet may find a link that is not yet ready to send. */
const ATTEMPTS = 5;
/** How long to wait for each answer, in seconds. */
const PATIENCE = 1;

/**
 * Pings `address` from the namespace: with ping(8), or where that is not installed with an ICMP echo of our own.
 *
 * @returns The line that tells of the answer.
 * @throws {Error} None came.
 */
export async function ping(from: NsHandle, address: string, signal: AbortSignal): Promise<string> {
  let last = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const output = await run(from, "ping", ["-n", "-c", "1", "-W", `${PATIENCE}`, address], signal);
    if (output === undefined) return pingOurselves(from, address);
    last = output;
    const answer = output.split("\n").find((line) => line.includes(" bytes from "));
    if (answer !== undefined) return answer.trim();
    signal.throwIfAborted();
  }
  throw new Error(`No answer from ${address}: ${last.trim().split("\n").at(-1)}`);
}

function pingOurselves(from: NsHandle, address: string): string {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const time = from.run(() => echo(address, PATIENCE * 1000));
    if (time !== undefined) return `echo reply from ${address}: time=${time.toFixed(3)} ms`;
  }
  throw new Error(`No answer from ${address}`);
}

/**
 * What a program says on standard output and error; undefined if it is not installed. It has ended when this does, also
 * by an error: until then the namespace is in use.
 */
async function run(
  from: NsHandle,
  command: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const child = from.spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], signal });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => output += String(chunk));
  const closed = new Promise<void>((resolve) => void child.once("close", () => resolve()));
  try {
    await once(child, "close");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    if (child.pid !== undefined) await closed; // aborted, it is told of before it is gone
    throw error;
  }
  return output;
}
