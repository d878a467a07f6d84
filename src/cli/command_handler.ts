import process from "node:process";
import { NsHandler } from "../ns_handler.ts";

/**
 * The namespace handler of a command that ends by itself. Its configuration namespace has a name of this process: the
 * usual one may belong to a running agent.
 */
export function commandHandler(): NsHandler {
  return new NsHandler({ configNamespace: `veth-cfg-ns-${process.pid}` });
}
