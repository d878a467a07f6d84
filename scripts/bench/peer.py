"""pyroute2's side of a measurement. Takes the words that peer.c takes, and prints the microseconds that the work took."""
import os
import socket
import sys
import time

from pyroute2 import DiagSocket, IPRoute, NSPopen, netns


def switch_name(name, _, count):
    for _ in range(count):
        netns.pushns(name)
        netns.popns()


def switch_handle(name, _, count):
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"{netns.NETNS_RUN_DIR}/{name}", os.O_RDONLY)
    for _ in range(count):
        netns.setns(there)
        netns.setns(home)


def create_delete(_hub, _prefix, count):
    for i in range(count):
        netns.create(f"pyroute2-{i}")
        netns.remove(f"pyroute2-{i}")


def spawn(name, _, count):
    for _ in range(count):
        process = NSPopen(name, ["/bin/true"])
        process.wait()
        process.release()


def socket_in(name):
    """A socket that was opened there: NetNS() would start a process for each namespace, and take longer."""
    netns.pushns(name)
    try:
        return IPRoute()
    finally:
        netns.popns()


def configure(ip, name, address):
    index = ip.link_lookup(ifname=name)[0]
    ip.addr("add", index=index, address=address, prefixlen=24)
    ip.link("set", index=index, state="up")
    return index


def wire(hub, prefix, count):
    with socket_in(hub) as in_hub:
        for i in range(count):
            net, leaf = f"10.{100 + (i >> 8)}.{i & 255}", f"{prefix}{i}"
            in_hub.link("add", ifname=f"leaf{i}", kind="veth", peer={"ifname": "eth0", "net_ns_fd": leaf})
            configure(in_hub, f"leaf{i}", f"{net}.1")
            with socket_in(leaf) as in_leaf:
                index = configure(in_leaf, "eth0", f"{net}.2")
                in_leaf.route("add", dst="11.0.0.0/8", gateway=f"{net}.1", oif=index)
                in_leaf.neigh("replace", dst=f"{net}.9", lladdr="02:00:00:00:00:09", ifindex=index, state="permanent")


def list_routes(name, _, count):
    with socket_in(name) as ip:
        for _ in range(count):
            list(ip.get_routes(table=254))


def list_links(name, _, count):
    with socket_in(name) as ip:
        for _ in range(count):
            list(ip.get_links())


def list_sockets(name, _, count, extensions=0):
    netns.pushns(name)
    with DiagSocket() as diag:
        diag.bind()
        for _ in range(count):
            list(diag.get_sock_stats(family=socket.AF_INET, extensions=extensions))


def list_measured(name, _, count):
    list_sockets(name, _, count, extensions=1 << (2 - 1))  # INET_DIAG_INFO


work, hub, prefix, number = sys.argv[1:]
start = time.perf_counter()
globals()[work.replace("-", "_")](hub, prefix, int(number))
print(f"{(time.perf_counter() - start) * 1e6:.1f}")
