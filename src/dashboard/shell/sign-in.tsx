import { useState } from 'react'
import type { FormEvent } from 'react'
import { useLive, usePage } from '../live/use-live.ts'
import { Snippet } from '../ui/snippet.tsx'
import { reasonWords } from './connection-words.ts'
import './sign-in.css'

/** Asks for a token, says why, and where one comes from. */
export function SignIn() {
  const live = useLive()
  const reason = usePage(({ connection }) => connection.reason)
  const [token, setToken] = useState('')
  const signIn = (event: FormEvent) => {
    event.preventDefault()
    live.signIn(token.trim())
  }
  return (
    <section className="panel sign-in">
      <h1>Sign in to this gateway</h1>
      {reason !== undefined && (
        <p className="fault" role="alert">
          {sentenceCase(reasonWords(reason))}
        </p>
      )}
      <form onSubmit={signIn}>
        <label htmlFor="token">Token</label>
        <div className="joined">
          <input
            id="token"
            value={token}
            onChange={({ target }) => setToken(target.value)}
            autoComplete="off"
            spellCheck={false}
            required
            autoFocus
          />
          <button type="submit" className="primary">
            Sign in
          </button>
        </div>
      </form>
      <p>Where the gateway has its secret, this makes one for you:</p>
      <Snippet text="npx auren token --user you --permission all --ttl 8h" />
      <p>
        On your own machine, without a key, it is <code>test</code>.
      </p>
    </section>
  )
}

function sentenceCase(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.?$/, '.')}`
}
