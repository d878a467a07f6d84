/** Every kind of action, a line each: all that is known of a kind is in its file. */
export { gact } from "./gact.ts";
export { mirred } from "./mirred.ts";
export { police } from "./police.ts";
