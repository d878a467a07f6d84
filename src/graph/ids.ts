/** Identifiers of namespaces and links in the languages of pictures. */
import type { PictureEdge, PictureEnd, PictureNamespace } from "./picture.ts";

/** Identifiers that contain no foreign text: `n0` for a namespace, `n0l0` for a link in it. */
export class Ids {
  readonly #ids = new Map<string, string>();
  readonly #positions: ReadonlyMap<string, number>;

  /** Numbers the namespaces and their links. */
  constructor(namespaces: readonly PictureNamespace[]) {
    this.#positions = new Map(namespaces.map(({ name }, at) => [name, at]));
    namespaces.forEach(({ name, links }, n) => {
      this.#ids.set(JSON.stringify([name]), `n${n}`);
      links.forEach((link, l) => this.#ids.set(JSON.stringify([name, link.name]), `n${n}l${l}`));
    });
  }

  /** The identifier of a link, or of a namespace. */
  of({ namespace, link }: PictureEnd): string {
    return this.#ids.get(JSON.stringify(link === undefined ? [namespace] : [namespace, link])) ?? "n";
  }

  /** The ends of an edge in the order of their namespaces: the languages put the first end on the left. */
  ends({ from, to }: PictureEdge): readonly [PictureEnd, PictureEnd] {
    const position = ({ namespace }: PictureEnd): number => this.#positions.get(namespace) ?? 0;
    return position(from) <= position(to) ? [from, to] : [to, from];
  }
}
