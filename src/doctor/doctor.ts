/** What works here, and what does not. */
import { type Finding, type Section, warning } from "./check.ts";
import { containersSection } from "./containers.ts";
import { kernelSection } from "./kernel.ts";
import { linksSection } from "./links.ts";
import { namesSection } from "./names.ts";
import { privilegesSection } from "./privileges.ts";
import { hasFfi, runtimeSection } from "./runtime.ts";
import { stateSection } from "./state.ts";
import { threadsSection } from "./threads.ts";

/** What was found, of what belongs together. */
export interface TopicFindings {
  readonly title: string;
  readonly findings: readonly Finding[];
}

/** Everything that is looked at, in the order in which one thing explains the next; threads after all that is tried. */
const SECTIONS: readonly (() => Section)[] = [
  privilegesSection,
  kernelSection,
  linksSection,
  namesSection,
  stateSection,
  threadsSection,
  containersSection,
];

/** Tries and looks at everything. What is made for it is gone afterwards; nothing that is there is changed. */
export async function* diagnose(): AsyncGenerator<TopicFindings, void, undefined> {
  yield await examined(runtimeSection());
  if (hasFfi()) { for (const make of SECTIONS) yield await examined(make()); }
  else yield { title: "Other", findings: [{ check: "everything else", ...warning("not tried: it needs FFI") }] };
}

async function examined({ title, examine }: Section): Promise<TopicFindings> {
  return { title, findings: await examine() };
}
