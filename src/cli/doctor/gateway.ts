import { because, timeoutMs } from './finding.ts'
import type { Finding } from './finding.ts'

export const defaultGateway = 'http://127.0.0.1:8765'

/** Whether the gateway lives, can read its stream and takes the token. Without a gateway there is nothing to say of tokens. */
export async function checkGateway(given: string | undefined, token: string): Promise<Finding[]> {
  const url = (given ?? defaultGateway).replace(/^ws/, 'http').replace(/\/+$/, '')
  try {
    const alive = await get(`${url}/healthz`)
    if (!alive.ok) return [gateway('broken', `${url} is no gateway: /healthz answers ${alive.status}; give --url`)]
    const ready = await get(`${url}/readyz`)
    const { reason } = ready.ok ? { reason: undefined } : ((await ready.json()) as { readonly reason?: string })
    const state = ready.ok
      ? gateway('ok', `${url} is ready`)
      : gateway('broken', `${url} lives, but cannot read its stream: ${reason}`)
    return [state, await checkToken(url, token)]
  } catch (error) {
    const advice = 'start `auren gateway`, or give --url its address'
    return [gateway(given === undefined ? 'note' : 'broken', `${url} cannot be reached (${because(error)}); ${advice}`)]
  }
}

async function checkToken(url: string, token: string): Promise<Finding> {
  const { status } = await get(`${url}/api/events?limit=1`, { authorization: `Bearer ${token}` })
  if (status === 401 || status === 403)
    return {
      hop: 'token',
      verdict: 'broken',
      text: 'the gateway refuses the token; `auren token` makes one, for --token or AUREN_TOKEN',
    }
  return { hop: 'token', verdict: 'ok', text: 'the gateway takes the token' }
}

function gateway(verdict: Finding['verdict'], text: string): Finding {
  return { hop: 'gateway', verdict, text }
}

function get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) })
}
