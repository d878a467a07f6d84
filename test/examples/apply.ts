/**
 * A topology from code: plan it, apply it, apply it again, destroy it.
 *
 *     sudo deno run -A test/examples/apply.ts
 */
import { Configurator, MemoryStateStore, NsHandler, parseConfig } from "@netns/netns";

const names = ["example-a", "example-b", "example-c"];

/** A star: every namespace has a link to the namespace `example-hub`. */
function star(leaves: readonly string[]): string {
  return JSON.stringify({
    namespaces: ["example-hub", ...leaves],
    interfaces: leaves.flatMap((leaf, index) => [
      {
        name: leaf,
        namespace: leaf,
        hostIfName: "eth0",
        ipAddresses: [`10.0.${index}.2/24`],
        veth: { peerIfName: `${leaf}-hub` },
      },
      {
        name: `${leaf}-hub`,
        namespace: "example-hub",
        hostIfName: `leaf${index}`,
        ipAddresses: [`10.0.${index}.1/24`],
        veth: { peerIfName: leaf },
      },
    ]),
    routes: leaves.map((leaf, index) => (
      { name: leaf, namespace: leaf, interface: leaf, default: true, gwAddr: `10.0.${index}.1` }
    )),
  });
}

const config = parseConfig(star(names)); // throws a ConfigError that lists every fault with its path
await using handler = new NsHandler({ docker: false });
// The store remembers what was applied. The default one keeps it in /run/netns-apply for the next process.
const configurator = new Configurator(handler, { store: new MemoryStateStore() });

const plan = await configurator.plan(config);
console.log(plan.steps[0]?.description); // create namespace example-hub

let last = 0;
const first = await configurator.apply(config, { onProgress: ({ done }) => last = done });
console.log(first.failed.length, first.done.length === last); // 0 true

const second = await configurator.apply(config);
console.log(second.done.length, second.unchanged); // 0 13

const end = await configurator.destroy(config);
console.log(end.done.filter(({ kind }) => kind === "delete-namespace").length); // 4
