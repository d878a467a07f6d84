/** Values of bridges and their ports. See linux/if_link.h. */
import { shown } from "../../errors.ts";
import { type Codec, struct } from "../wire/codec.ts";
import { be16, octets, u64 } from "../wire/values.ts";

/** The identifier of a bridge in spanning tree, struct ifla_bridge_id, as `bridge` shows it. */
export const bridgeId: Codec<string> = {
  write: (_out, value) => {
    throw new TypeError(`Cannot send ${shown(value)}: the kernel computes the identifier of a bridge`);
  },
  read: (input) => {
    const { priority } = struct({ priority: be16 }).read(input);
    const address = octets.read(input).map((byte) => byte.toString(16).padStart(2, "0")).join(":");
    return `${priority.toString(16).padStart(4, "0")}.${address}`;
  },
};

/** 64 bits, of which a `number` holds all that occur: hundredths of a second. */
export const smallU64: Codec<number> = {
  write: (out, value, name) => {
    if (!Number.isSafeInteger(value)) {
      throw new RangeError(`Cannot use ${shown(value)} as ${name}: expected a whole number from 0 to 2 ** 53 - 1`);
    }
    u64.write(out, BigInt(value), name);
  },
  read: (input) => Number(u64.read(input)),
};
