/** Standard input, read to its end. */
import { Buffer } from "node:buffer";
import { read } from "node:fs";
import process from "node:process";

const STDIN = 0;
const CHUNK_SIZE = 65_536;

/**
 * Reads standard input to its end. The stream of Node, for which it loads those of sockets, reads only what is left of an
 * input that another process has made non-blocking.
 */
export async function readStandardInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  try {
    for (let chunk = await readChunk(); chunk.length > 0; chunk = await readChunk()) chunks.push(chunk);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
    for await (const chunk of process.stdin) chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  }
  return Buffer.concat(chunks);
}

function readChunk(): Promise<Uint8Array> {
  const chunk = new Uint8Array(CHUNK_SIZE);
  return new Promise((resolve, reject) => {
    read(STDIN, chunk, 0, CHUNK_SIZE, null, (error, count) => (
      error === null ? resolve(chunk.subarray(0, count)) : reject(error)
    ));
  });
}
