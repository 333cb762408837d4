import { Component, type ComponentChildren } from 'preact';

interface GuardProps {
  readonly children: ComponentChildren;
}

/** Keeps a fault of one page from taking the others with it. */
export class Guard extends Component<GuardProps, { readonly fault: unknown }> {
  override state = { fault: null };

  static override getDerivedStateFromError(fault: unknown) {
    return { fault };
  }

  override render() {
    const { fault } = this.state;
    if (fault === null) return this.props.children;
    return (
      <div class="notice bad" role="alert">
        <strong>This page could not be shown: {String(fault)}</strong> Load it again; the others still work.
      </div>
    );
  }
}
