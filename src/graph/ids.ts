/** How the languages of pictures refer to what is drawn. */
import type { DrawnEdge, DrawnEnd, DrawnNamespace } from "./picture.ts";

/** Names that no text of the picture is part of: `n0` for a namespace, `n0l0` for a link in it. */
export class Ids {
  readonly #ids = new Map<string, string>();
  readonly #places: ReadonlyMap<string, number>;

  /** Gives every namespace and link one. */
  constructor(namespaces: readonly DrawnNamespace[]) {
    this.#places = new Map(namespaces.map(({ name }, at) => [name, at]));
    namespaces.forEach(({ name, links }, n) => {
      this.#ids.set(JSON.stringify([name]), `n${n}`);
      links.forEach((link, l) => this.#ids.set(JSON.stringify([name, link.name]), `n${n}l${l}`));
    });
  }

  /** The one of a link, or of a namespace. */
  of({ namespace, link }: DrawnEnd): string {
    return this.#ids.get(JSON.stringify(link === undefined ? [namespace] : [namespace, link])) ?? "n";
  }

  /** The ends of an edge; that of the namespace that comes first, first: languages place the boxes by that. */
  ends({ from, to }: DrawnEdge): readonly [DrawnEnd, DrawnEnd] {
    const place = ({ namespace }: DrawnEnd): number => this.#places.get(namespace) ?? 0;
    return place(from) <= place(to) ? [from, to] : [to, from];
  }
}
