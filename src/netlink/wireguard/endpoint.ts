/** The endpoint of a peer: struct sockaddr_in or struct sockaddr_in6. See ip(7), ipv6(7). */
import { AF_INET, AF_INET6 } from "../../../ffi/mod.ts";
import { shown } from "../../errors.ts";
import { addressBytes } from "../../ip/address.ts";
import { formatAddress } from "../../ip/format.ts";
import type { Codec } from "../wire/codec.ts";
import { MalformedMessageError } from "../wire/malformed.ts";
import { octets } from "../wire/bytes.ts";
import { be16, u16, u32 } from "../wire/numbers.ts";

/** An address with a port, as text: `192.0.2.1:51820`, `[2001:db8::1]:51820`, `[fe80::1%4]:51820`. */
export const endpoint: Codec<string> = {
  write: (out, value, name = "endpoint") => {
    const { bytes, scope, port } = parse(value, name);
    u16.write(out, bytes.length === 4 ? AF_INET : AF_INET6);
    be16.write(out, port, "the port of an endpoint");
    if (bytes.length === 16) out.reserve(4); // sin6_flowinfo
    octets.write(out, bytes);
    if (bytes.length === 4) out.reserve(8); // sin_zero
    else u32.write(out, scope, "the scope of an endpoint");
  },
  read: (input) => {
    const at = input.offset;
    const family = u16.read(input);
    const port = be16.read(input);
    if (family === AF_INET) {
      const address = formatAddress(input.within(4, (four) => four.rest()));
      input.take(input.left);
      return `${address}:${port}`;
    }
    if (family !== AF_INET6) throw new MalformedMessageError(`an endpoint of family ${family}`, at);
    input.take(4); // sin6_flowinfo
    const address = formatAddress(input.within(16, (sixteen) => sixteen.rest()));
    const scope = u32.read(input);
    return `[${address}${scope === 0 ? "" : `%${scope}`}]:${port}`;
  },
};

const HIGHEST_PORT = 0xffff;
const HIGHEST_SCOPE = 0xffffffff;

/** An endpoint with its address in bytes. */
interface Endpoint {
  readonly bytes: readonly number[];
  /** The index of the link of a link-local address, or 0. */
  readonly scope: number;
  readonly port: number;
}

/**
 * Checks an endpoint where it is given.
 *
 * @throws {TypeError} It is none.
 */
export function checkEndpoint(value: string, name: string): void {
  const { port, scope } = parse(value, name);
  if (port > HIGHEST_PORT || scope > HIGHEST_SCOPE) throw refused(value, name);
}

function parse(value: string, name: string): Endpoint {
  const [, six, scope = "0", four, port] = typeof value === "string" // untyped code may give anything
    ? value.match(/^(?:\[([^\]%]*)(?:%(\d{1,10}))?\]|([^:[\]]*)):(\d{1,5})$/) ?? []
    : [];
  const bytes = addressBytes(six ?? four ?? "");
  if (bytes?.length === (six === undefined ? 4 : 16)) return { bytes, scope: Number(scope), port: Number(port) };
  throw refused(value, name);
}

function refused(value: string, name: string): TypeError {
  return new TypeError(
    `Cannot use ${shown(value)} as ${name}: expected an address and a port, as 192.0.2.1:51820 or [2001:db8::1]:51820`,
  );
}
