/** How often the kernel's timer ticks: it keeps some times in ticks. */
import { CLOCK_MONOTONIC_COARSE } from "./constants.ts";
import { checked } from "./errors.ts";
import { libc } from "./library.ts";

const NS_A_SECOND = 1e9;

/** The length of a struct timespec. */
const TIMESPEC = 16;

/** Where its nanoseconds are. */
const TV_NSEC = 8;

let known: number | undefined;

/** The ticks of the kernel's timer in a second, its HZ: that clock advances with each of them. See clock_getres(2). */
export function ticksPerSecond(): number {
  return known ??= Math.round(NS_A_SECOND / tick());
}

/** The length of a tick in nanoseconds. */
function tick(): number {
  const timespec = new Uint8Array(TIMESPEC);
  const { functions, errno } = libc();
  checked("clock_getres", functions.clock_getres(CLOCK_MONOTONIC_COARSE, timespec), errno[0]);
  return Number(new DataView(timespec.buffer).getBigInt64(TV_NSEC, true));
}
