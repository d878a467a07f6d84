/** Text in attributes, which ends in NUL: what is UTF-8, and names of links, which need not be. */
import { bytesOfName, nameOfBytes, utf8Length } from "../../../ffi/mod.ts";
import { shown } from "../../errors.ts";
import type { Reader, Writer } from "./buffers.ts";
import type { Codec } from "./codec.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Text that ends in NUL. A NUL inside is refused, since the kernel would use the part before it; so is half a surrogate
 * pair, which has no UTF-8.
 */
export const text: Codec<string> = {
  write: (out, value, name) => {
    writeText(out, value, name);
    out.reserve(1);
  },
  read: (input) => readText(input),
};

/** Text that ends with its attribute, without a NUL. */
export const bareText: Codec<string> = { write: (out, value, name) => writeText(out, value, name), read: text.read };

function writeText(out: Writer, value: string, name = "text"): void {
  if (typeof value !== "string" || value.includes("\0") || !value.isWellFormed()) {
    throw new TypeError(`Cannot use ${shown(value)} as ${name}: expected text without NUL`);
  }
  if (utf8Length(value) > value.length) out.append(encoder.encode(value));
  else { // ASCII, as nearly all names: written faster than encoded
    const at = out.reserve(value.length);
    for (let i = 0; i < value.length; i++) out.view.setUint8(at + i, value.charCodeAt(i));
  }
}

function readText(input: Reader): string {
  const end = input.offset + input.left;
  let value = "";
  for (let at = input.take(input.left); at < end; at++) {
    const byte = input.view.getUint8(at);
    if (byte === 0) return value;
    // Names that are not ASCII are rare, and decoded.
    if (byte > 0x7f) return value + (decoder.decode(input.bytes.subarray(at, end)).split("\0", 1)[0] ?? "");
    value += String.fromCharCode(byte);
  }
  return value;
}

/** A name of a link, which need not be UTF-8: what is not is shown as `\x` and two hexadecimal digits. */
export const linkText: Codec<string> = {
  write: (out, value, name) => {
    if (typeof value !== "string" || !value.includes("\\x")) return text.write(out, value, name);
    const bytes = bytesOfName(value);
    if (bytes.includes(0) || !value.isWellFormed()) return text.write(out, value, name); // which refuses it
    out.append(bytes);
    out.reserve(1);
  },
  read: (input) => {
    const at = input.offset;
    const end = at + input.left;
    let value = "";
    for (let i = at; i < end; i++) {
      const byte = input.view.getUint8(i);
      if (byte === 0) break;
      if (byte > 0x7f || byte === BACKSLASH) {
        const rest = input.rest();
        const nul = rest.indexOf(0);
        return nameOfBytes(nul < 0 ? rest : rest.subarray(0, nul));
      }
      value += String.fromCharCode(byte);
    }
    input.take(input.left);
    return value;
  },
};

const BACKSLASH = 0x5c;
