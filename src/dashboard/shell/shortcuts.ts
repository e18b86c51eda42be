import { useEffectEvent, useLayoutEffect } from 'react'

export interface Shortcut {
  /** As `KeyboardEvent.key` names it, or two of them: `g n`. */
  readonly keys: string
  /** What it does, for the sheet. */
  readonly does: string
  readonly run: () => void
}

/** Milliseconds in which the second key of a pair is to come. */
const pairMs = 1_200

const known = new Map<string, Shortcut>()
let first: { readonly key: string; readonly at: number } | undefined

/** Those that work now, in the order in which they came. */
export function shortcuts(): Shortcut[] {
  return [...known.values()]
}

/** Keys that work as long as the component is there. What was bound to them before is back afterwards. */
export function useShortcut(keys: string, does: string, run: () => void): void {
  const current = useEffectEvent(run)
  // Before it is painted: who sees it may press its key.
  useLayoutEffect(() => {
    const before = known.get(keys)
    const shortcut = { keys, does, run: () => current() }
    known.set(keys, shortcut)
    return () => {
      if (known.get(keys) !== shortcut) return
      if (before === undefined) known.delete(keys)
      else known.set(keys, before)
    }
  }, [keys, does])
}

/** Listens for the whole page. Gives the way to stop it. */
export function listenForShortcuts(): () => void {
  addEventListener('keydown', onKey)
  return () => removeEventListener('keydown', onKey)
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
  if (isTyping(event.target) && event.key !== 'Escape') return
  if (isAnswered(event)) return
  if (document.querySelector('dialog[open]') !== null) return
  const pair = first !== undefined && event.timeStamp - first.at < pairMs ? `${first.key} ${event.key}` : undefined
  first = { key: event.key, at: event.timeStamp }
  const shortcut = (pair === undefined ? undefined : known.get(pair)) ?? known.get(event.key)
  if (shortcut === undefined) return
  first = undefined
  event.preventDefault()
  shortcut.run()
}

/** Enter presses the button that is focused, and arrows scroll the text: those keys are the page's only where nothing takes them. */
function isAnswered({ key, target }: KeyboardEvent): boolean {
  if (key !== 'Enter' && !key.startsWith('Arrow')) return false
  return target instanceof Element && !target.matches('body, main, [role="tree"]')
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}
