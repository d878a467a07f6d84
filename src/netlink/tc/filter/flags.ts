/** Where a filter runs: TCA_CLS_FLAGS_… of linux/pkt_cls.h. */
import type { FieldRules } from "../../../argument_fields.ts";

/** Where a filter runs. */
export interface FilterFlags {
  /** Not in the hardware. @default {false} */
  readonly skipHw?: boolean | undefined;
  /** Only in the hardware. @default {false} */
  readonly skipSw?: boolean | undefined;
  /** The hardware has it; a request does not need it. */
  readonly inHw?: boolean | undefined;
}

/** The fields of {@linkcode FilterFlags}. */
export const FLAG_FIELDS: FieldRules<FilterFlags> = { skipHw: "boolean", skipSw: "boolean", inHw: "boolean" };

const [SKIP_HW, SKIP_SW, IN_HW] = [1, 2, 4] as const;

/** The bits that a request may have: the kernel refuses those that it sets itself. */
export function encodeFlags({ skipHw = false, skipSw = false }: FilterFlags): number {
  return Number(skipHw) * SKIP_HW + Number(skipSw) * SKIP_SW;
}

/** The flags of the bits. */
export function decodeFlags(flags: number): Required<FilterFlags> {
  return { skipHw: (flags & SKIP_HW) !== 0, skipSw: (flags & SKIP_SW) !== 0, inHw: (flags & IN_HW) !== 0 };
}

/** Those bits of a number that a request may have. */
export function sendable(flags: number): number {
  return flags & (SKIP_HW | SKIP_SW);
}
