import { assert, assertEquals, assertRejects } from "@std/assert";
import { after, before, it } from "@std/testing/bdd";
import { type CapturedPacket, NsHandle, SyscallError } from "@netns/netns";
import {
  AF_INET,
  AF_INET6,
  close,
  connect,
  IPPROTO_ICMP,
  O_RDONLY,
  open,
  read,
  readText,
  send,
  SOCK_DGRAM,
  SOCK_RAW,
  socket,
  socketError,
  unlink,
} from "../../../ffi/mod.ts";
import { describeAsRoot, traces } from "../support/traces.ts";

describeAsRoot("NsHandle.capture()", () => {
  let start: unknown;
  let left: NsHandle;
  let right: NsHandle;
  before(() => {
    start = traces();
    [left, right] = [NsHandle.create(), NsHandle.create()];
    using near = left.netlink();
    using far = right.netlink();
    near.addLink({ kind: "veth", name: "eth0", up: true, peer: { name: "eth0", netns: right } });
    near.setLink({ name: "lo" }, { up: true });
    far.setLink({ name: "eth0" }, { up: true });
    near.addAddress({ name: "eth0" }, "10.7.0.1/24");
    far.addAddress({ name: "eth0" }, "10.7.0.2/24");
  });
  after(() => {
    left.close();
    right.close();
    assertEquals(traces(), start);
  });

  /** Sends from a namespace, through libc: the sockets of the runtime want a permission. */
  function sendFrom(
    ns: NsHandle,
    protocol: "udp" | "icmp",
    host: string,
    port: number,
    ...messages: Uint8Array[]
  ): void {
    const address = socketAddress(host, port);
    const family = address[0] ?? 0;
    const fd = ns.run(() =>
      protocol === "udp" ? socket(family, SOCK_DGRAM, 0) : socket(family, SOCK_RAW, IPPROTO_ICMP)
    );
    try {
      connect(fd, address);
      for (const message of messages) {
        void socketError(fd); // nobody listens, and the answer to the message before says so
        send(fd, Uint8Array.from(message));
      }
    } finally {
      close(fd);
    }
  }

  /** struct sockaddr_in, or that of ::1. */
  function socketAddress(host: string, port: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(host.includes(":") ? 28 : 16);
    new DataView(bytes.buffer).setUint16(2, port);
    bytes[0] = host.includes(":") ? AF_INET6 : AF_INET;
    bytes.set(host.includes(":") ? [1] : host.split(".").map(Number), host.includes(":") ? 23 : 4);
    return bytes;
  }

  const hello = new TextEncoder().encode("hello");
  /** Sends UDP from the left to the right, each to its port. */
  const sendTo = (...ports: number[]): void => ports.forEach((port) => sendFrom(left, "udp", "10.7.0.2", port, hello));

  /** The ports to which the packets go. */
  const portOf = ({ bytes, networkOffset }: CapturedPacket): number =>
    new DataView(bytes.buffer).getUint16(networkOffset + 22);

  async function take(packets: AsyncIterable<CapturedPacket>, count: number): Promise<CapturedPacket[]> {
    const taken: CapturedPacket[] = [];
    for await (const packet of packets) if (taken.push(packet) === count) break;
    return taken;
  }

  it("gives what the link of one side sends and the other receives", async () => {
    const begin = Date.now();
    await using out = await left.capture({ link: "eth0", filter: { protocol: "udp" } });
    await using in_ = await right.capture({ filter: "udp port 7001" });
    sendTo(7001);
    const [[sent], [received]] = await Promise.all([take(out, 1), take(in_, 1)]);
    assert(sent && received);
    assertEquals([sent.direction, received.direction, sent.link, sent.etherType], ["out", "in", "eth0", 0x0800]);
    assertEquals(sent.bytes, received.bytes);
    assertEquals([sent.length, sent.networkOffset, portOf(sent)], [14 + 20 + 8 + 5, 14, 7001]);
    assert(sent.time >= begin && sent.time <= received.time && received.time <= Date.now());
    assertEquals([out.dropped, in_.dropped], [0, 0]);
  });

  it("filters by protocol, port and host, by their combinations, and by a program", async () => {
    const filters: readonly [string, number[]][] = [
      ["udp", [7001, 7002, 7003]],
      ["dst host 10.7.0.2 and udp and not dst port 7002", [7001, 7003]],
      ["src port 7001 or dst port 7002", [7002]],
      ["host 10.7.0.2 and (dst port 7001 or dst port 7003) and ip", [7001, 7003]],
      ["src host 10.7.0.2 and udp or port 7003", [7003]],
      ["(dst host 10.7.0.2 and ! tcp and not icmp and not arp) and not ip6 and dst port 7002", [7002]],
    ];
    await using all = await left.capture({ link: "eth0", filter: { protocol: "udp", host: "10.7.0.1", port: 7002 } });
    const captures = await Promise.all(filters.map(([filter]) => left.capture({ filter })));
    // ret 20: tcpdump -ddd of an empty filter, cut to the first 20 bytes
    await using short = await left.capture({ filter: Uint8Array.of(6, 0, 0, 0, 20, 0, 0, 0) });
    sendTo(7001, 7002, 7003);
    for (const [i, [filter, ports]] of filters.entries()) {
      const capture = captures[i];
      assert(capture);
      assertEquals((await take(capture, ports.length)).map(portOf), ports, filter);
      await capture[Symbol.asyncDispose]();
    }
    assertEquals((await take(all, 1)).map(portOf), [7002]);
    assertEquals((await take(short, 1)).map(({ bytes }) => bytes.length), [20]);
  });

  it("takes IPv6 and ICMP, and a loopback packet once", async () => {
    await using v6 = await left.capture({ link: "lo", filter: "host ::1 and udp port 7001" });
    await using lo = await left.capture({ link: "lo", filter: "icmp" });
    sendFrom(left, "udp", "::1", 7001, Uint8Array.of(120), Uint8Array.of(121));
    assertEquals((await take(v6, 2)).map(({ bytes }) => String.fromCharCode(bytes.at(-1) ?? 0)), ["x", "y"]);
    sendFrom(left, "icmp", "127.0.0.1", 0, Uint8Array.of(8, 0, 0xf7, 0xff, 0, 0, 0, 0)); // an echo request
    const types = (await take(lo, 2)).map(({ bytes, networkOffset }) => bytes[networkOffset + 20]);
    assertEquals(types, [8, 0]); // the question and its answer
  });

  it("counts what was dropped while nobody read", async () => {
    await using capture = await left.capture({ link: "eth0", buffer: 1, filter: "udp port 7001" });
    const messages = Array.from({ length: 1000 }, () => new Uint8Array(1400)); // more than the two blocks of the least buffer
    sendFrom(left, "udp", "10.7.0.2", 7001, ...messages);
    assert(capture.dropped > 0);
    await take(capture, messages.length - capture.dropped);
  });

  it("writes the number of those into the file, where Wireshark looks for it", async () => {
    const path = `/tmp/netns-test-${crypto.randomUUID()}.pcapng`;
    try {
      const capture = await left.capture({ file: path, link: "eth0", buffer: 1, filter: "udp port 7001" });
      sendFrom(left, "udp", "10.7.0.2", 7001, ...Array.from({ length: 1000 }, () => new Uint8Array(1400)));
      await capture[Symbol.asyncDispose]();
      assert(capture.dropped > 0);
      const file = new Uint8Array(4 * 1024 * 1024);
      const fd = open(path, O_RDONLY);
      const length = read(fd, file);
      close(fd);
      const statistics = new DataView(file.buffer, length - 52, 52); // the last block: interface, time, options
      const seen = [0, 4, 20, 24, 32, 36].map((at) => statistics.getUint32(at, true));
      assertEquals(seen, [5, 52, 8 << 16 | 5, capture.dropped, 8 << 16 | 7, capture.dropped]);
    } finally {
      unlink(path);
    }
  });

  it("writes a file that is whole when it ends, also by its signal", async () => {
    const path = `/tmp/netns-test-${crypto.randomUUID()}.pcapng`;
    const ended = new AbortController();
    try {
      await using capture = await left.capture({ file: path, filter: "udp", signal: ended.signal });
      const reading = take(capture, 2);
      sendTo(7001, 7002);
      assertEquals((await reading).map(portOf), [7001, 7002]);
      ended.abort();
      await capture[Symbol.asyncDispose]();
      const text = readText(path);
      assert(text.startsWith("\n\r\r\n") && text.includes("eth0"));
      assertEquals(text.split("hello").length - 1, 2);
    } finally {
      unlink(path);
    }
  });

  it("ends by its signal, when it is disposed, and when its link is deleted", async () => {
    const ended = new AbortController();
    const aborted = await left.capture({ signal: ended.signal, filter: "udp port 1" });
    const disposed = await left.capture({ filter: "udp port 1" });
    using netlink = left.netlink();
    netlink.addLink({ kind: "veth", name: "gone", up: true, peer: { name: "gone2" } });
    await using gone = await left.capture({ link: "gone" });
    const readings = [aborted, disposed, gone].map((capture) => take(capture, 1000));
    ended.abort();
    await disposed[Symbol.asyncDispose]();
    netlink.deleteLink({ name: "gone" });
    const [first, second] = await Promise.all(readings);
    assertEquals([first, second], [[], []]);
  });

  it("takes its link as every call does: by name, { name }, { index }, or a long alternative name", async () => {
    using netlink = left.netlink();
    const { index } = netlink.getLink("eth0");
    const [long, cut] = ["eth0-with-a-long-name", "eth0-with-a-lon"];
    netlink.addAltName("eth0", long);
    netlink.addAltName("lo", cut); // what the first 15 bytes of the other are
    for (const link of ["eth0", { name: "eth0" }, { index }, long, { name: long }, netlink.getLink("eth0")]) {
      await using out = await left.capture({ link, filter: "udp port 7009" });
      const sent = take(out, 1);
      sendTo(7009);
      assertEquals((await sent).map(({ link }) => link), ["eth0"], typeof link === "string" ? link : "an object");
    }
    netlink.deleteAltName("eth0", long);
    await assertRejects(() => left.capture({ link: long }), Error, "ENODEV");
    netlink.deleteAltName("lo", cut);
  });

  it("says what is wrong", async () => {
    await assertRejects(() => left.capture({ filter: "udp port" }), TypeError, "its end in the filter");
    await assertRejects(() => left.capture({ filter: { host: "example.com" } }), TypeError, "expected an IP address");
    await assertRejects(() => left.capture({ snapLength: 0 }), RangeError, "snapLength");
    const codes = async (options: Parameters<NsHandle["capture"]>[0]): Promise<string> =>
      (await assertRejects(() => left.capture(options), SyscallError)).code;
    assertEquals(await codes({ link: "none" }), "ENODEV");
    assertEquals(await codes({ link: { index: 99_999 } }), "ENODEV");
    for (const link of [{ index: 0 }, { index: -1 }, { index: 1.5 }, { name: "" }, ""]) {
      await assertRejects(() => left.capture({ link }), TypeError, "as link of a capture: expected");
    }
    assertEquals(await codes({ filter: new Uint8Array(8) }), "EINVAL");
    assertEquals(await codes({ filter: new Uint8Array(7) }), "EINVAL");
    assertEquals(await codes({ file: "/proc/none/x" }), "ENOENT");
    const closed = NsHandle.create();
    closed.close();
    assertEquals((await assertRejects(() => closed.capture(), SyscallError)).code, "EBADF");
    await using capture = await left.capture({ filter: "udp port 1" });
    const ended = new AbortController();
    const reading = take(capture, 1);
    await assertRejects(() => take(capture, 1), TypeError, "two loops");
    ended.abort();
    await capture[Symbol.asyncDispose]();
    assertEquals(await reading, []);
  });
});
