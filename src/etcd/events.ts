/** What an agent that follows a cluster says of it. */
import { visible } from "../../ffi/mod.ts";
import type { KeyFault } from "./items.ts";
import type { KeyWarning } from "./read_config.ts";

/** Something that is to be known of a cluster. */
export type EtcdEvent =
  /** A member answers. */
  | { readonly kind: "connected"; readonly address: string }
  /** A member does not, or no longer; the last configuration stays. */
  | { readonly kind: "lost"; readonly address: string; readonly reason: string }
  /** The keys were read as a whole. */
  | { readonly kind: "listed"; readonly keys: number; readonly revision: number }
  /** The user may not read the keys of a layout; those that are known stay. */
  | { readonly kind: "refused"; readonly reason: string }
  /** Nothing is taken away for now. */
  | { readonly kind: "held"; readonly reason: string }
  /** A key has a fault that it did not have. */
  | { readonly kind: "fault"; readonly fault: KeyFault }
  /** A key no longer has the fault that it had. */
  | { readonly kind: "sound"; readonly key: string }
  /** Something of a value does not count. */
  | { readonly kind: "warning"; readonly warning: KeyWarning }
  /** The status was not written; it is tried again. */
  | { readonly kind: "status-failed"; readonly reason: string }
  /** Somebody else writes the status of this label. */
  | { readonly kind: "second-agent"; readonly key: string }
  /** The last good values were not saved; a restart would not know them. */
  | { readonly kind: "not-saved"; readonly reason: string };

/** An event as a line for people: no key and no member can end it, or control the terminal. */
export function describeEvent(event: EtcdEvent): string {
  return visible(lineOf(event));
}

function lineOf(event: EtcdEvent): string {
  switch (event.kind) {
    case "connected":
      return `etcd: ${event.address} answers`;
    case "lost":
      return `etcd: ${event.reason.startsWith(event.address) ? "" : `${event.address}: `}${event.reason}`;
    case "listed":
      return `etcd: ${event.keys} keys at revision ${event.revision}`;
    case "refused":
      return `etcd: ${event.reason}; what is known of these keys stays`;
    case "held":
      return `etcd: on hold: ${event.reason}`;
    case "fault":
      return event.fault.error.message;
    case "sound":
      return `${event.key} is sound again`;
    case "warning":
      return `${event.warning.key}: ${event.warning.text}`;
    case "status-failed":
      return `etcd: the status was not written: ${event.reason}`;
    case "second-agent":
      return `etcd: another agent has this label: it writes ${event.key}`;
    case "not-saved":
      return `the last good values were not saved: ${event.reason}`;
  }
}

/** The events of which a log would say that something is wrong. */
export function isFailure({ kind }: EtcdEvent): boolean {
  return !["connected", "listed", "sound"].includes(kind);
}
