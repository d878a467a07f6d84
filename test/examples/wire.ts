/**
 * Two namespaces, joined by a veth pair with addresses and a route, over netlink: no `ip`, no shell.
 *
 *     sudo deno run --allow-ffi test/examples/wire.ts
 */
import { NetlinkError, NsHandle } from "@netns/netns";

using left = NsHandle.create();
using right = NsHandle.create();

// A netlink socket stays in the namespace in which it was opened, so this program never switches again.
using inLeft = left.netlink();
using inRight = right.netlink();

// One request makes both ends, each in its own namespace. To make a link and move it later takes 20 ms longer.
inLeft.addLink({ kind: "veth", name: "eth0", mtu: 1400, peer: { name: "eth0", mtu: 1400, netns: right } });

// Four requests in one send. If the kernel refuses one, the error says which.
const { index } = inLeft.getLink({ name: "eth0" });
inLeft.batch((batch) => {
  batch.addAddress({ index }, "192.0.2.1/24");
  batch.addAddress({ index }, "2001:db8::1/64");
  batch.setLink({ index }, { up: true });
  batch.addRoute({ dst: "198.51.100.0/24", gateway: "192.0.2.2", linkIndex: index });
});
inRight.addAddress({ name: "eth0" }, "192.0.2.2/24");
inRight.setLink({ name: "eth0" }, { up: true });

// Read back what the kernel has.
const { name, mtu, up, kind } = inLeft.getLink({ name: "eth0" });
console.log(kind, name, mtu, up); // veth eth0 1400 true
console.log(inRight.listAddresses({ family: 4 }).map(({ cidr }) => cidr).join()); // 192.0.2.2/24
const [route] = inLeft.listRoutes({ family: 4, table: 254 }).filter(({ dst }) => dst.startsWith("198."));
console.log(route?.dst, "via", route?.nextHops[0]?.gateway); // 198.51.100.0/24 via 192.0.2.2

// A refusal is a NetlinkError with the request, the errno and the kernel's own words.
try {
  inLeft.addAddress({ name: "eth0" }, "192.0.2.1/24");
} catch (error) {
  if (!(error instanceof NetlinkError)) throw error;
  console.log(error.code); // EEXIST
}
