import './styles/tokens.css'
import './styles/base.css'
import './styles/shared.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Live } from './live/live.ts'
import { takeToken } from './live/session-token.ts'
import { LiveContext } from './live/use-live.ts'
import { App } from './shell/app.tsx'
import { applyTheme } from './shell/theme.ts'

applyTheme()
const live = new Live(new URL('.', location.href.replace(/[?#].*/s, '')).href)
live.signIn(takeToken())
const page = document.getElementById('page')
if (page === null) throw new Error('index.html has no #page')
createRoot(page).render(
  <StrictMode>
    <LiveContext value={live}>
      <App />
    </LiveContext>
  </StrictMode>,
)
