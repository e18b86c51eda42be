import { useRef, useState } from 'react'
import { shortcuts, useShortcut } from './shortcuts.ts'
import './shortcut-sheet.css'

const names: Readonly<Record<string, string>> = {
  Escape: 'Esc',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
}

/** Every key that works where one is. */
export function ShortcutSheet() {
  const dialog = useRef<HTMLDialogElement>(null)
  const [listed, setListed] = useState(shortcuts)
  const open = () => {
    setListed(shortcuts())
    dialog.current?.showModal()
  }
  useShortcut('?', 'Show the keys', open)
  return (
    <>
      <button type="button" className="icon" onClick={open} aria-label="Keys" title="Keys (?)">
        <span aria-hidden="true">?</span>
      </button>
      <dialog ref={dialog} className="sheet" aria-labelledby="keys-title" onClick={closeOnBackdrop}>
        <form method="dialog">
          <h2 id="keys-title">Keys</h2>
          <dl className="keys">
            {listed.map(({ keys, does }) => (
              <div key={keys}>
                <dt>
                  {keys.split(' ').map((key) => (
                    <kbd key={key}>{names[key] ?? key}</kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
          <button type="submit">Close</button>
        </form>
      </dialog>
    </>
  )
}

function closeOnBackdrop({ target, currentTarget }: React.MouseEvent<HTMLDialogElement>): void {
  if (target === currentTarget) currentTarget.close()
}
