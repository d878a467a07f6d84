/** Link-layer addresses in messages. */
import { shown } from "../../errors.ts";
import type { Codec } from "./codec.ts";
import { octets } from "./bytes.ts";

/** How long link-layer addresses are: of IPv4 tunnels, Ethernet, FireWire, IPv6 tunnels and InfiniBand. */
const LENGTHS: readonly number[] = [4, 6, 8, 16, 20];

/** A link-layer address as text, `"02:00:00:00:00:01"`; those of tunnels are shorter or longer than Ethernet's. */
export const mac: Codec<string> = {
  write: (out, value) => octets.write(out, macBytes(value)),
  read: (input) => {
    const end = input.offset + input.left;
    let value = "";
    for (let at = input.take(input.left); at < end; at++) {
      value += (value === "" ? "" : ":") + HEX[input.view.getUint8(at)];
    }
    return value;
  },
};

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/**
 * Checks the link-layer address of a link to make: every kind has Ethernet's.
 *
 * @throws {TypeError} It is not six bytes.
 */
export function ethernet(value: string): string {
  if (typeof value === "string" && /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(value)) return value;
  throw notLinkLayer(value);
}

function macBytes(value: string): readonly number[] {
  // The kernel takes the first bytes of a longer address without an error.
  if (
    typeof value !== "string" || !/^[0-9a-f]{2}(:[0-9a-f]{2})*$/i.test(value) ||
    !LENGTHS.includes((value.length + 1) / 3)
  ) {
    throw notLinkLayer(value);
  }
  const bytes: number[] = [];
  for (let i = 0; i < value.length; i += 3) bytes.push(hexDigit(value, i) << 4 | hexDigit(value, i + 1));
  return bytes;
}

function notLinkLayer(value: string): TypeError {
  return new TypeError(`Cannot use ${shown(value)} as a link-layer address: expected "02:00:00:00:00:01"`);
}

/** The value of the hexadecimal digit at `at`. */
function hexDigit(text: string, at: number): number {
  const char = text.charCodeAt(at);
  return char <= 0x39 ? char & 0xf : (char & 0xf) + 9; // "0" to "9"; "a" is 0x61, "A" 0x41
}
