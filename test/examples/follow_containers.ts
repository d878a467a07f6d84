/**
 * Follow the containers of Docker or Podman that have a label, and look into the namespace of each.
 *
 *     sudo deno run -A test/examples/follow_containers.ts
 *     docker run --rm --env MICROSERVICE_LABEL=web alpine sleep 5     # in another terminal
 */
import process from "node:process";
import { microserviceNs, Netlink, NewMicroservice, NsHandler } from "@netns/netns";

const stop = new AbortController();
process.on("SIGINT", () => stop.abort());

// The runtime is looked for at DOCKER_HOST, then at the usual sockets. It need not run yet: the handler reconnects.
await using handler = new NsHandler();
const events = handler.microserviceEvents({ signal: stop.signal });
await handler.init();
console.error("waiting for containers that have MICROSERVICE_LABEL in their environment; Ctrl-C ends it");

for await (const { eventType, label } of events) {
  if (eventType === NewMicroservice) {
    // The namespace was opened when the container was seen, so this never enters one that got the same PID later.
    const links = handler.withNamespace(microserviceNs(label), () => {
      using netlink = Netlink.open();
      return netlink.listLinks().map(({ name }) => name);
    });
    console.log("started", label, "with", links.join()); // started web with lo
  } else {
    console.log("ended", label); // ended web
    stop.abort();
  }
}
