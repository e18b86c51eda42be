import { Suspense, useEffect, useRef } from 'react'
import { usePage } from '../live/use-live.ts'
import { Loading } from '../ui/loading.tsx'
import { views } from '../views.ts'
import { ConnectionStatus } from './connection-status.tsx'
import { Fence } from './fence.tsx'
import { Notices } from './notices.tsx'
import { listenForShortcuts, useShortcut } from './shortcuts.ts'
import { ShortcutSheet } from './shortcut-sheet.tsx'
import { SignIn } from './sign-in.tsx'
import { ThemeSwitch } from './theme-switch.tsx'
import { navigate, useRoute } from './use-route.ts'
import './shell.css'

/** The frame of every view: where to go, how the connection is, and what has to be said. */
export function App() {
  useEffect(listenForShortcuts, [])
  const route = useRoute()
  const view = views.find(({ path }) => path === route.view) ?? views[0]
  const isSignedOut = usePage(({ connection }) => connection.phase === 'signed_out')
  useEffect(() => {
    document.title = isSignedOut ? 'Sign in · AUREN' : `${view?.name ?? ''} · AUREN`
  }, [view, isSignedOut])
  if (view === undefined) return null
  return (
    <div className="shell">
      <a className="skip" href="#main" onClick={skipToMain}>
        Skip to the content
      </a>
      <header className="top">
        <span className="brand">AUREN</span>
        <Navigation current={view.path} />
        <ConnectionStatus />
        <ThemeSwitch />
        <ShortcutSheet />
      </header>
      <Notices />
      <main id="main" className="main" tabIndex={-1} aria-label={isSignedOut ? 'Sign in' : view.name}>
        {isSignedOut ? (
          <SignIn />
        ) : (
          <Fence key={view.path}>
            <Suspense fallback={<Loading />}>
              <view.Component />
            </Suspense>
          </Fence>
        )}
      </main>
    </div>
  )
}

function Navigation({ current }: { readonly current: string }) {
  const nav = useRef<HTMLElement>(null)
  // Narrow windows do not show all of the views at once.
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [current])
  return (
    <nav ref={nav} className="views" aria-label="Views">
      {views.map(({ path, name, key }) => (
        <a key={path} href={`#/${path}`} aria-current={path === current ? 'page' : undefined}>
          {name}
          <ViewKey path={path} name={name} letter={key} />
        </a>
      ))}
    </nav>
  )
}

function ViewKey({ path, name, letter }: { readonly path: string; readonly name: string; readonly letter: string }) {
  useShortcut(`g ${letter}`, `Go to ${name}`, () => navigate(path))
  return null
}

/** The address is the view's: a link to `#main` would lead away from it. */
function skipToMain(event: { preventDefault(): void }): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}
