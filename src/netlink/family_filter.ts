/** The family that a filter names, and which objects are of it. */
import { AF_INET, AF_INET6, AF_UNSPEC } from "../../ffi/mod.ts";

/** The family that a filter names: 4 and 6 are the versions of IP, as the kernel has no routes of families 4 and 6. */
export function filteredFamily(given: number = AF_UNSPEC): number {
  return given === 4 ? AF_INET : given === 6 ? AF_INET6 : given;
}

/** True for an object of a family, or if none is named. Asked for IPv6, a kernel without it lists what it has of all. */
export function isOfFamily(given: number | undefined, family: number): boolean {
  const wanted = filteredFamily(given);
  return wanted === AF_UNSPEC || family === wanted;
}
