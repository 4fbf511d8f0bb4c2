/** Draws a component again only if one of its properties is another one. */
import { Component, h } from "preact";
import type { FunctionComponent, JSX } from "preact";

export function memo<P extends object>(view: (props: P) => JSX.Element): FunctionComponent<P> {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const names = new Set([...Object.keys(this.props), ...Object.keys(next)]);
      const [before, after]: { readonly [name: string]: unknown }[] = [this.props, next];
      return [...names].some((name) => name !== "children" && before?.[name] !== after?.[name]);
    }
    override render(): JSX.Element {
      return h(view as never, this.props);
    }
  }
  return (props) => h(Memo as never, props);
}
