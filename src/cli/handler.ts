import process from "node:process";
import { NsHandler } from "../ns_handler.ts";

/**
 * A handler for one command. Should it need a configuration namespace, that has a name of this process alone: the one
 * with the usual name belongs to an agent, which may be running.
 */
export function handlerOfCommand(): NsHandler {
  return new NsHandler({ configNamespace: `veth-cfg-ns-${process.pid}` });
}
