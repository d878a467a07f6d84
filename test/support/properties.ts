/**
 * fast-check with a seed: CI tries the same cases in every run of a commit, so that what passed on one machine passes on
 * the next. `PROPERTY_SEED=n` tries others, `PROPERTY_SEED=random` others each time.
 */
import process from "node:process";
import fc from "fast-check";

const seed = wantedSeed() ?? "1";
if (seed !== "random") fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });

function wantedSeed(): string | undefined {
  try {
    return process.env["PROPERTY_SEED"];
  } catch {
    return undefined; // Deno with --allow-ffi alone
  }
}

export default fc;
