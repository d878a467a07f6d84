/** Every kind of filter, a line each: all that is known of a kind is in its file. */
export { flower } from "./flower.ts";
export { matchall } from "./matchall.ts";
export { u32 } from "./u32.ts";
