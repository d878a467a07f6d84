/** Makes connections of TCP within this namespace, as many sockets as the argument says, until stdin ends. */
const size = Number(Deno.args[0]);
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const { port } = listener.addr as Deno.NetAddr;
const held: Deno.Conn[] = [];
while (held.length < size) {
  held.push(...await Promise.all([Deno.connect({ hostname: "127.0.0.1", port }), listener.accept()]));
}
console.log("ready");
for await (const _ of Deno.stdin.readable);
for (const connection of held) connection.close();
listener.close();
