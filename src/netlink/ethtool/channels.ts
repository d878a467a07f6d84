/** The channels of a link, as `ethtool --show-channels` has them: ETHTOOL_MSG_CHANNELS_…. See ethtool(8). */
import { defined } from "../../collections.ts";
import { fieldsOf } from "../../argument_fields.ts";
import { attributesOf, NLA_F_NESTED } from "../wire/attributes.ts";
import type { MessageCodec } from "../wire/codec.ts";
import { u32 } from "../wire/numbers.ts";
import { type EthtoolHeader, header } from "./message.ts";

/** How many channels a link has, each a queue with its interrupt. A link has those kinds that are there. */
export interface LinkChannels {
  /** Channels that only receive. */
  readonly rx?: number | undefined;
  /** Channels that only send. */
  readonly tx?: number | undefined;
  /** Channels for link events and the like. */
  readonly other?: number | undefined;
  /** Channels that receive and send. */
  readonly combined?: number | undefined;
}

/** The channels of a link, and the most that it can have. */
export interface LinkChannelCounts extends LinkChannels {
  /** The most of each kind. */
  readonly max: LinkChannels;
}

/** ETHTOOL_A_CHANNELS_… */
export interface ChannelsAttributes extends LinkChannels {
  readonly header?: EthtoolHeader | undefined;
  readonly rxMax?: number | undefined;
  readonly txMax?: number | undefined;
  readonly otherMax?: number | undefined;
  readonly combinedMax?: number | undefined;
}

/** The codec of the attributes. */
export const channelsCodec: MessageCodec<ChannelsAttributes> = attributesOf<ChannelsAttributes>({
  header: [1 | NLA_F_NESTED, header], // ETHTOOL_A_CHANNELS_HEADER
  rxMax: [2, u32], // ETHTOOL_A_CHANNELS_RX_MAX
  txMax: [3, u32], // ETHTOOL_A_CHANNELS_TX_MAX
  otherMax: [4, u32], // ETHTOOL_A_CHANNELS_OTHER_MAX
  combinedMax: [5, u32], // ETHTOOL_A_CHANNELS_COMBINED_MAX
  rx: [6, u32], // ETHTOOL_A_CHANNELS_RX_COUNT
  tx: [7, u32], // ETHTOOL_A_CHANNELS_TX_COUNT
  other: [8, u32], // ETHTOOL_A_CHANNELS_OTHER_COUNT
  combined: [9, u32], // ETHTOOL_A_CHANNELS_COMBINED_COUNT
});

/** Checks that a change of the channels has no other field; of what was read, `max` says nothing. */
export const checkChannels: (channels: LinkChannels) => void = fieldsOf<
  LinkChannels & Partial<Pick<LinkChannelCounts, "max">>
>("the channels of a link", {
  rx: true,
  tx: true,
  other: true,
  combined: true,
  max: true,
});

/** The channels that a message of the kernel describes. */
export function channelsOf(message: ChannelsAttributes): LinkChannelCounts {
  const { rx, tx, other, combined, rxMax, txMax, otherMax, combinedMax } = message;
  const max = defined({ rx: rxMax, tx: txMax, other: otherMax, combined: combinedMax });
  return defined({ rx, tx, other, combined, max });
}
