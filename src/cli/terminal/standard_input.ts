/** Standard input, read to its end. */
import { Buffer } from "node:buffer";
import { readSync } from "node:fs";
import process from "node:process";

const STDIN = 0;
const CHUNK_SIZE = 65_536;

/**
 * Reads standard input to its end. No signal has a handler yet, so that each ends the process while it waits. The stream of
 * Node, for which it loads those of sockets, reads only what is left of an input that another process has made
 * non-blocking.
 */
export async function readStandardInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  try {
    for (let chunk = readChunk(); chunk.length > 0; chunk = readChunk()) chunks.push(chunk);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
    for await (const chunk of process.stdin) chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  }
  return Buffer.concat(chunks);
}

function readChunk(): Uint8Array {
  const chunk = new Uint8Array(CHUNK_SIZE);
  return chunk.subarray(0, readSync(STDIN, chunk, 0, CHUNK_SIZE, null));
}
