/** The help of `netns`, for which the built command does not load all commands. */

/** The width of help: that of a terminal where it is narrower. */
export const HELP_WIDTH = 80;

/** The help in {@linkcode HELP_WIDTH} columns. `scripts/build.ts` puts it here; undefined where nothing is built. */
export const HELP_TEXT: string | undefined = undefined;
