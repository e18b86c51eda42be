import { Component } from 'react'
import type { ReactNode } from 'react'

/** A view that fails takes nothing with it: the rest of the page goes on. */
export class Fence extends Component<{ readonly children: ReactNode }, { readonly error: Error | undefined }> {
  override state: { readonly error: Error | undefined } = { error: undefined }

  static getDerivedStateFromError(error: Error) {
    return { error }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === undefined) return this.props.children
    return (
      <div className="panel empty" role="alert">
        <h1>This view has failed</h1>
        <p>The connection and the other views go on. {error.message}</p>
        <button type="button" onClick={() => this.setState({ error: undefined })}>
          Show it again
        </button>
      </div>
    )
  }
}
