/** What differs between a WireGuard link and its description. Its texts name peers by their networks: none shows a key. */
import { close, O_NONBLOCK, O_RDONLY, open, printable, readTextOf } from "../../../ffi/mod.ts";
import { defined } from "../../collections.ts";
import { reasonOf } from "../../errors.ts";
import type { WireguardFields, WireguardPeerFields } from "../../models/interface/wireguard.ts";
import { isWireguardKey } from "../../models/secrets.ts";
import { clampedKey } from "../../netlink/wireguard/keys.ts";
import { publicKeyOf } from "../../netlink/wireguard/public_key.ts";
import type {
  WireguardChange,
  WireguardDevice,
  WireguardPeer,
  WireguardPeerChange,
} from "../../netlink/wireguard/types.ts";
import type { Refusal } from "../ownership/refusal.ts";

/** A link as the file describes it, with its keys. */
export type DescribedDevice = Pick<WireguardChange, "privateKey" | "listenPort" | "fwmark"> & {
  readonly peers?: readonly DescribedPeer[] | undefined;
};

type DescribedPeer = Omit<WireguardPeerFields, "presharedKeyFile"> & Pick<WireguardPeerChange, "presharedKey">;

/** One change of a link, with words for it. */
export interface WireguardStep {
  /** What is set. Its keys are secret. */
  readonly change: WireguardChange;
  /** What is set, in words without keys. */
  readonly text: string;
  /** What is there before, in words without keys; null: nothing. */
  readonly from: string | null;
}

/** The most that is read of a file with a key, in bytes. */
const KEY_FILE_MAX = 4096;

/** What the file says of a link, with the keys of its files; or why one of these cannot be read. */
export function describedDevice(
  { privateKeyFile, privateKey, listenPort, fwMark, peers }: WireguardFields,
): DescribedDevice | Refusal {
  try {
    return defined({
      privateKey: privateKey ?? (privateKeyFile === undefined ? undefined : keyIn(privateKeyFile)),
      listenPort,
      fwmark: fwMark,
      peers: peers?.map(({ presharedKeyFile, ...peer }): DescribedPeer => (
        { ...peer, ...presharedKeyFile === undefined ? {} : { presharedKey: keyIn(presharedKeyFile) } }
      )),
    });
  } catch (error) {
    return { reason: reasonOf(error), hint: "write a key into it with: wg genkey, or wg genpsk" };
  }
}

/** Why a link cannot have a peer: it has the public key of the link itself. */
export function peerOfItself({ privateKey, peers = [] }: DescribedDevice): Refusal | undefined {
  if (privateKey === undefined || peers.length === 0) return undefined;
  const own = publicKeyOf(privateKey);
  const position = peers.findIndex(({ publicKey }) => publicKey === own);
  if (position < 0) return undefined;
  const reason = `wireguard.peers[${position}] has the public key of the link itself: the kernel keeps no such peer`;
  return { reason, hint: "give the peer its own key" };
}

/**
 * The key in a file.
 *
 * @throws {SyscallError} It cannot be read.
 * @throws {TypeError} There is no key in it; the error does not show what is.
 */
function keyIn(path: string): string {
  const fd = open(path, O_RDONLY | O_NONBLOCK); // a pipe would wait for a writer
  try {
    const key = readTextOf(fd, path, KEY_FILE_MAX).trim();
    if (isWireguardKey(key)) return key;
    throw new TypeError(`${printable(path)} has no key of WireGuard: expected 44 digits of base64`);
  } finally {
    close(fd);
  }
}

/** What makes a link as it is described: peers go first, because a network has one peer only. */
export function wireguardChanges(
  { privateKey, listenPort, fwmark, peers }: DescribedDevice,
  has?: WireguardDevice,
  now: bigint = BigInt(Date.now()) * 1_000_000n,
): WireguardStep[] {
  const steps: WireguardStep[] = [];
  const before = new Map((has?.peers ?? []).map((peer) => [peer.publicKey, peer]));
  const wanted = new Set(peers?.map(({ publicKey }) => publicKey));
  for (const peer of peers === undefined ? [] : before.values()) {
    if (wanted.has(peer.publicKey)) continue;
    const text = describePeer(peer);
    steps.push({ change: { peers: [{ publicKey: peer.publicKey, remove: true }] }, text: `no ${text}`, from: text });
  }
  const change = defined({
    privateKey: isSamePrivateKey(privateKey, has?.privateKey) ? undefined : privateKey,
    listenPort: listenPort === has?.listenPort ? undefined : listenPort,
    fwmark: fwmark === (has?.fwmark ?? 0) ? undefined : fwmark,
  });
  if (Object.keys(change).length > 0) {
    steps.push({ change, text: describeDevice(change), from: has === undefined ? null : describeBefore(change, has) });
  }
  for (const peer of peers ?? []) {
    const there = before.get(peer.publicKey);
    const fields = there === undefined ? newPeer(peer) : changedPeer(peer, there, now);
    if (fields === undefined) continue;
    steps.push({
      change: { peers: [fields] },
      text: describePeer(peer) + describeSecrets(fields),
      from: there === undefined ? null : describePeer(there),
    });
  }
  return steps;
}

/** The kernel keeps a private key without the bits that it makes no use of. */
const isSamePrivateKey = (wanted: string | undefined, has: string | undefined): boolean =>
  wanted === has || wanted !== undefined && has !== undefined && clampedKey(wanted) === clampedKey(has);

const newPeer = ({ publicKey, presharedKey, endpoint, allowedIps, persistentKeepalive }: DescribedPeer) =>
  defined({ publicKey, presharedKey, endpoint, allowedIps, persistentKeepalive });

/** How long a session lives without a handshake, in nanoseconds: REJECT_AFTER_TIME. */
const SESSION = 180_000_000_000n;

/** What differs between a peer and its description; undefined if nothing does. */
function changedPeer(peer: DescribedPeer, has: WireguardPeer, now: bigint): WireguardPeerChange | undefined {
  const { publicKey, presharedKey, endpoint, allowedIps, persistentKeepalive } = peer;
  // One that was heard lately stays where it was seen: it roams.
  const isHeard = has.endpoint !== undefined && has.latestHandshake !== undefined &&
    now - has.latestHandshake < SESSION;
  const isSameSet = allowedIps === undefined ||
    [...allowedIps].sort().join() === [...has.allowedIps].sort().join();
  const change = defined({
    presharedKey: presharedKey === has.presharedKey ? undefined : presharedKey,
    endpoint: endpoint === has.endpoint || isHeard ? undefined : endpoint,
    persistentKeepalive: persistentKeepalive === has.persistentKeepalive ? undefined : persistentKeepalive,
    ...isSameSet ? {} : { allowedIps, replaceAllowedIps: true },
  });
  return Object.keys(change).length === 0 ? undefined : { publicKey, ...change };
}

function describeDevice({ privateKey, listenPort, fwmark }: WireguardChange): string {
  return [
    ...privateKey === undefined ? [] : ["its private key"],
    ...listenPort === undefined ? [] : [`listenPort ${listenPort}`],
    ...fwmark === undefined ? [] : [`fwMark ${fwmark}`],
  ].join(", ");
}

/** What a change sets, as it is now. */
function describeBefore(change: WireguardChange, { listenPort, fwmark }: WireguardDevice): string | null {
  const text = describeDevice({
    listenPort: change.listenPort === undefined ? undefined : listenPort,
    fwmark: change.fwmark === undefined ? undefined : fwmark,
  });
  return text === "" ? null : text;
}

/** How many networks of a peer a text names. */
const SHOWN = 3;

function describePeer(
  { allowedIps = [], endpoint, persistentKeepalive }: Omit<DescribedPeer, "publicKey" | "presharedKey">,
): string {
  const networks = allowedIps.length === 0
    ? "without networks"
    : `for ${allowedIps.slice(0, SHOWN).join(", ")}${allowedIps.length > SHOWN ? " and others" : ""}`;
  return `peer ${networks}${endpoint === undefined ? "" : ` at ${endpoint}`}` +
    (persistentKeepalive === undefined || persistentKeepalive === 0 ? "" : `, keepalive ${persistentKeepalive} s`);
}

const describeSecrets = ({ presharedKey }: WireguardPeerChange): string =>
  presharedKey === undefined ? "" : ", with its preshared key";
