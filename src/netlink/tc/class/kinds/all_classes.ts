/** Every kind of class, a line each: all that is known of a kind is in its file. */
export { htbClass } from "./htb.ts";
