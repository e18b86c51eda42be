import { CopyButton } from './copy-button.tsx'
import './snippet.css'

/** Something to paste into a terminal or a file. */
export function Snippet({ text }: { readonly text: string }) {
  return (
    <div className="snippet">
      <pre>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} />
    </div>
  )
}
