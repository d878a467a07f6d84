"""pyroute2's side of a measurement. Takes the words that peer.c takes, and prints what it prints."""
import os
import socket
import sys
import time

from pyroute2 import DiagSocket, IPRoute, NSPopen, netns


def switch_name(_):
    netns.pushns(hub)
    netns.popns()


def create_delete(i):
    netns.create(f"pyroute2-{i}")
    netns.remove(f"pyroute2-{i}")


def spawn(_):
    process = NSPopen(hub, ["/bin/true"])
    process.wait()
    process.release()


def opened(kind, name):
    """A socket that was opened there: NetNS() would start a process for each namespace, and take longer."""
    netns.pushns(name)
    try:
        return kind()
    finally:
        netns.popns()


def configure(ip, name, address):
    index = ip.link_lookup(ifname=name)[0]
    ip.addr("add", index=index, address=address, prefixlen=24)
    ip.link("set", index=index, state="up")
    return index


def wire(i):
    net, leaf = f"10.{100 + (i >> 8)}.{i & 255}", f"{prefix}{i}"
    in_hub.link("add", ifname=f"leaf{i}", kind="veth", peer={"ifname": "eth0", "net_ns_fd": leaf})
    configure(in_hub, f"leaf{i}", f"{net}.1")
    with opened(IPRoute, leaf) as in_leaf:
        index = configure(in_leaf, "eth0", f"{net}.2")
        in_leaf.route("add", dst="11.0.0.0/8", gateway=f"{net}.1", oif=index)
        in_leaf.neigh("replace", dst=f"{net}.9", lladdr="02:00:00:00:00:09", ifindex=index, state="permanent")


def list_sockets(extensions):
    list(diag.get_sock_stats(family=socket.AF_INET, extensions=extensions))


work, hub, prefix, count = sys.argv[1:]
home, there = (os.open(path, os.O_RDONLY) for path in ("/proc/thread-self/ns/net", f"{netns.NETNS_RUN_DIR}/{hub}"))
in_hub, diag = opened(IPRoute, hub), opened(DiagSocket, hub)
diag.bind()
piece = {
    "switch-name": switch_name,
    "switch-handle": lambda _: (netns.setns(there), netns.setns(home)),
    "create-delete": create_delete,
    "spawn": spawn,
    "wire": wire,
    "list-routes": lambda _: list(in_hub.get_routes(table=254)),
    "list-links": lambda _: list(in_hub.get_links()),
    "list-sockets": lambda _: list_sockets(0),
    "list-measured": lambda _: list_sockets(1 << (2 - 1)),  # INET_DIAG_INFO
}[work]
start = time.perf_counter()
for number in range(int(count)):
    piece(number)
print(f"{(time.perf_counter() - start) * 1e6:.1f}")
