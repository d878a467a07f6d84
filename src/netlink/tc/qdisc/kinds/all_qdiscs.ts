/** Every kind of qdisc, a line each: all that is known of a kind is in its file. */
export { bfifo } from "./fifo.ts";
export { cake } from "./cake.ts";
export { clsact } from "./plain.ts";
export { codel } from "./codel.ts";
export { fq } from "./fq.ts";
export { fqCodel } from "./fq_codel.ts";
export { htb } from "./htb.ts";
export { ingress } from "./plain.ts";
export { netem } from "./netem.ts";
export { noqueue } from "./plain.ts";
export { pfifo } from "./fifo.ts";
export { pfifoFast } from "./prio.ts";
export { prio } from "./prio.ts";
export { red } from "./red.ts";
export { sfq } from "./sfq.ts";
export { tbf } from "./tbf.ts";
