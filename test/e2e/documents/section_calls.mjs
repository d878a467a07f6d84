/**
 * Makes the usual calls of a runtime in a section, and prints for each where it took effect: in the namespace or at home.
 * Needs a network namespace of its own with `lo` up.
 */
import { spawn, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync, readlinkSync } from "node:fs";
import { readlink } from "node:fs/promises";
import { createServer as createHttpServer, get } from "node:http";
import { connect, createServer } from "node:net";
import process from "node:process";
import { text } from "node:stream/consumers";
import { Worker } from "node:worker_threads";
import { NsHandle } from "@netns/netns";

const PORT = 4000;
const blue = NsHandle.create();
const netlink = blue.netlink();
netlink.setLink({ name: "lo" }, { up: true });

/** Servers on the same port that say where they are. */
const servers = ["home", "namespace"].map((where) => createHttpServer((_request, response) => response.end(where)));
servers[0].listen(PORT);
blue.run(() => servers[1].listen(PORT));
await Promise.all(servers.map((server) => server.listening || once(server, "listening")));

const INODE = `net:[${blue.inode}]`;
const whereIs = (link) => link.trim() === INODE ? "namespace" : "home";

/** Whether a port is open in the namespace, and otherwise at home, by the tables of the kernel. */
function whereOpen(protocol, port) {
  const isOpen = () =>
    [protocol, `${protocol}6`].some((table) =>
      readFileSync(`/proc/thread-self/net/${table}`, "latin1").includes(
        `:${port.toString(16).toUpperCase().padStart(4, "0")} `,
      )
    );
  return blue.run(isOpen) ? "namespace" : isOpen() ? "home" : "nowhere";
}

/** Begins a call in the section; what it gives is waited for at home. */
const calls = {
  "`net.connect`": async () => {
    const socket = blue.run(() => connect(PORT, "127.0.0.1"));
    socket.write("GET / HTTP/1.0\r\n\r\n");
    return (await text(socket)).split("\r\n\r\n")[1];
  },
  "`http.get`": async () => {
    const request = blue.run(() => get({ host: "127.0.0.1", port: PORT, agent: false }));
    const [response] = await once(request, "response");
    return await text(response);
  },
  "`fetch`": async () => await (await blue.run(() => ({ later: fetch(`http://127.0.0.1:${PORT}/`) })).later).text(),
  "`server.listen(port)`": async () => {
    const server = createServer();
    blue.run(() => server.listen(4001));
    await (server.listening || once(server, "listening"));
    return [whereOpen("tcp", 4001), server.close()][0];
  },
  "`server.listen(port, host)`": async () => {
    const server = createServer();
    blue.run(() => server.listen(4002, "127.0.0.1"));
    await (server.listening || once(server, "listening"));
    return [whereOpen("tcp", 4002), server.close()][0];
  },
  "`http` server `listen(port, host)`": async () => {
    const server = createHttpServer();
    blue.run(() => server.listen(4004, "127.0.0.1"));
    await (server.listening || once(server, "listening"));
    return [whereOpen("tcp", 4004), server.close()][0];
  },
  "`dgram` `bind`": async () => {
    const socket = createSocket("udp4");
    const bound = once(socket, "listening");
    blue.run(() => socket.bind(4003));
    await bound;
    return [whereOpen("udp", 4003), socket.close()][0];
  },
  "`spawn`, `spawnSync`": async () => {
    const look = ["readlink", ["/proc/self/ns/net"]];
    const child = blue.run(() => spawn(...look));
    const [first, second] = [await text(child.stdout), String(blue.run(() => spawnSync(...look)).stdout)];
    return first === second ? whereIs(first) : "differ";
  },
  "`new Worker`": async () => {
    const code = `const { readlinkSync } = require("node:fs");
      require("node:worker_threads").parentPort.postMessage(readlinkSync("/proc/thread-self/ns/net"));`;
    const worker = blue.run(() => new Worker(code, { eval: true }));
    const [link] = await once(worker, "message");
    return [whereIs(link), await worker.terminate()][0];
  },
  "`readFileSync` and the other calls that block": () =>
    whereIs(blue.run(() => readlinkSync("/proc/thread-self/ns/net"))),
  "`fs.promises` and the other calls of the pool": async () => {
    const later = blue.run(() => ({ link: readlink("/proc/thread-self/ns/net") }));
    return whereIs(await later.link);
  },
  "what runs after an `await` or in a timer": async () => {
    const later = blue.run(() => ({
      link: new Promise((done) => setTimeout(() => done(readlinkSync("/proc/thread-self/ns/net")), 1)),
    }));
    return whereIs(await later.link);
  },
};

const found = {};
for (const [name, call] of Object.entries(calls)) found[name] = await call();
console.log(JSON.stringify(found));
process.exit(0);
