import { Component, type ReactNode } from 'react';

interface Props {
  /** What is drawn: when it is another thing than the one that failed, it gets its own chance. */
  readonly of: unknown;
  readonly fallback: ReactNode;
  readonly children: ReactNode;
}

interface State {
  readonly of: unknown;
  readonly broken: boolean;
}

/** Keeps the page alive when one message can't be drawn: the fallback stands in its place. */
export class Boundary extends Component<Props, State> {
  override state: State = { of: this.props.of, broken: false };

  static getDerivedStateFromError(): Partial<State> {
    return { broken: true };
  }

  static getDerivedStateFromProps(props: Props, state: State): State | null {
    return props.of === state.of ? null : { of: props.of, broken: false };
  }

  override render(): ReactNode {
    return this.state.broken ? this.props.fallback : this.props.children;
  }
}
