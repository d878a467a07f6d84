/**
 * Follow the named namespaces, whoever makes and deletes them: this program, `ip netns`, a container plugin.
 *
 *     sudo deno run --allow-ffi test/examples/follow_names.ts
 */
import process from "node:process";
import {
  createNamedNamespace,
  deleteNamedNamespace,
  identifyNamespace,
  listNamedNamespaces,
  watchNamedNamespaces,
} from "@netns/netns";

const NAME = "example-followed";
const stop = new AbortController();
process.on("SIGINT", () => stop.abort());

// A `for await` loop does this too. The watch starts with the first step, so take it before anything changes.
const changes = watchNamedNamespaces({ signal: stop.signal });
const first = changes.next();

{
  using made = createNamedNamespace(NAME); // as `ip netns add`
  console.log(listNamedNamespaces().includes(NAME)); // true
  console.log(identifyNamespace(made).names.join()); // example-followed
}
const { value: added } = await first;
console.log(added?.kind, added?.name); // added example-followed

deleteNamedNamespace(NAME); // as `ip netns del`: a process in it would keep the namespace alive
const { value: removed } = await changes.next();
console.log(removed?.kind, removed?.name); // removed example-followed

stop.abort(); // ends the loop without an error
console.log((await changes.next()).done); // true
