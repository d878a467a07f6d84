/** Which objects are of the family that a filter names. */
import { AF_UNSPEC } from "../../ffi/mod.ts";

/** True for an object of a family, or if none is named. Asked for IPv6, a kernel without it lists what it has of all. */
export function isOfFamily(wanted: number | undefined, family: number): boolean {
  return wanted === undefined || wanted === AF_UNSPEC || family === wanted;
}
