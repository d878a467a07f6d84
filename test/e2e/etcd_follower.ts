/** Follows the member at the address that it is given until it has lost it once and followed it again; then it ends. */
import { etcdConfigs, type EtcdEvent } from "@netns/netns";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

const [, , address = ""] = process.argv;
const directory = mkdtempSync(join(tmpdir(), "netns-follower-"));
const ended = new AbortController();
let isLost = false;
const onEvent = (event: EtcdEvent): void => {
  if (event.kind === "lost") console.log(event.reason);
  isLost ||= event.kind === "lost";
  if (event.kind === "connected" && isLost) ended.abort();
};
const { signal } = ended;
const conf = { endpoints: [address], reconnectInterval: 10 };
for await (const _ of etcdConfigs({ label: "l", conf, directory, signal, onEvent }));
rmSync(directory, { recursive: true });
