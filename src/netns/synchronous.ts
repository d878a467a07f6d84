/** What may run in another namespace. */

/**
 * `unknown`, or `never` for a result that is a promise: then `(() => T) & Synchronous<T>` takes no function at all, and
 * an asynchronous one is refused when it is compiled. `any` and `unknown` are checked when the function has returned.
 */
export type Synchronous<T> = 0 extends 1 & T ? unknown
  : [Extract<T, PromiseLike<unknown>>] extends [never] ? unknown
  : never;
