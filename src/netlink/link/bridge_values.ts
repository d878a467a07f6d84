/** Values of bridges and their ports. See linux/if_link.h. */
import { shown } from "../../errors.ts";
import type { Codec, FixedCodec } from "../wire/codec.ts";
import { mac } from "../wire/mac.ts";
import { be16, u64, unsigned64 } from "../wire/numbers.ts";

/** The identifier of a bridge in spanning tree, struct ifla_bridge_id, as `bridge` shows it. */
export const bridgeId: Codec<string> = {
  write: (_out, value) => {
    throw new TypeError(`Cannot send ${shown(value)}: the kernel computes the identifier of a bridge`);
  },
  read: (input) => {
    const priority = be16.read(input).toString(16).padStart(4, "0");
    return `${priority}.${mac.read(input)}`;
  },
};

/** 64 bits, of which a `number` holds all that occur: hundredths of a second. */
export const smallU64: FixedCodec<number> = {
  size: 8,
  write: (out, value, name) => {
    if (!Number.isSafeInteger(value)) {
      throw new RangeError(`Cannot use ${shown(value)} as ${name}: expected a whole number from 0 to 2 ** 53 - 1`);
    }
    u64.write(out, BigInt(value), name);
  },
  read: (input) => Number(u64.read(input)),
  readAt: unsigned64,
};
