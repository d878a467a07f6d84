/** Failures that are none: what was to be is so already. */
import { NetlinkError, SyscallError } from "../../errors.ts";
import type { Action } from "../plan/actions.ts";

/**
 * True if an error means that what was to be deleted is gone, or what was to be added is there. What was read may have
 * changed since, and the kernel takes some things along by itself.
 */
export function isTolerated(kind: Action["kind"], error: unknown): boolean {
  if (!(error instanceof NetlinkError || error instanceof SyscallError)) return false;
  return TOLERATED[kind]?.includes(error.code) ?? false;
}

const TOLERATED: { readonly [K in Action["kind"]]?: readonly string[] } = {
  "delete-namespace": ["ENOENT"],
  "delete-link": ["ENODEV"],
  "add-address": ["EEXIST"],
  "delete-address": ["EADDRNOTAVAIL", "ENODEV"],
  "add-rule": ["EEXIST"],
  "delete-rule": ["ENOENT"],
  "delete-route": ["ESRCH", "ENODEV"],
  "delete-table": ["ENOENT"],
  "delete-qdisc": ["ENOENT", "ENODEV"],
  "add-entry": ["EEXIST"],
  "delete-entry": ["ENOENT", "ENODEV"],
  "delete-neighbour": ["ENOENT", "ENODEV", "ENXIO"],
};
