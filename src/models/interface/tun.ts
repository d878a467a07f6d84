/** The model of a TUN and of a TAP: links whose packets a program reads and writes. */
import { type Field, flag, integer, message, optional } from "../fields.ts";

/** What is particular to a TUN or a TAP, which stays while no program has it open. */
export interface TunFields {
  /** The user id who may open it without CAP_NET_ADMIN. */
  readonly owner?: number | undefined;
  /** The group id whose members may open it without CAP_NET_ADMIN. */
  readonly group?: number | undefined;
  /** It can be opened several times, and each descriptor is a queue. Absent: false; another value makes the link anew. */
  readonly multiQueue?: boolean | undefined;
}

/** The largest id; the one above it means none. */
const ID_MAX = 2 ** 32 - 2;

/** Reads the object of a TUN or a TAP. */
export const tunSchema: Field<TunFields> = message("a mapping with owner, group or multiQueue", {
  owner: optional(integer(0, ID_MAX, "a user id")),
  group: optional(integer(0, ID_MAX, "a group id")),
  multiQueue: optional(flag),
});
