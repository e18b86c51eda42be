import { SignJWT } from 'jose'
import { AurenError } from '../errors.ts'
import { CommandError } from './command-error.ts'

export interface TokenArguments {
  readonly user: string
  readonly tenant?: string
  readonly permission: readonly string[]
  readonly agent: readonly string[]
  /** Milliseconds. */
  readonly ttl: number
}

/** `auren token`: prints one token and nothing else, so that a shell can keep it in a variable. */
export async function runToken({ user, tenant, permission, agent, ttl }: TokenArguments): Promise<void> {
  const secret = signingKey()
  const claims = {
    user_id: user,
    permissions: permission,
    ...(tenant === undefined ? {} : { tenant_id: tenant }),
    ...(agent.length === 0 ? {} : { agents: agent }),
  }
  const now = Math.floor(Date.now() / 1_000)
  const { AUREN_JWT_ISSUER: issuer, AUREN_JWT_AUDIENCE: audience } = process.env
  const token = new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt(now)
    .setExpirationTime(now + Math.floor(ttl / 1_000))
  if (issuer) token.setIssuer(issuer)
  if (audience) token.setAudience(audience)
  console.log(await token.sign(secret))
}

/** The key as the gateway reads it: white space around it, such as the last line break of a file, is not part of it. */
function signingKey(): Uint8Array {
  const text = process.env['AUREN_JWT_SECRET']?.trim()
  if (!text) throw new CommandError('AUREN_JWT_SECRET is not set. Set it to the secret that the gateway has.')
  const secret = new TextEncoder().encode(text)
  if (secret.length >= 32) return secret
  throw new AurenError('AUREN_GATEWAY_KEY_INVALID', { detail: 'AUREN_JWT_SECRET has fewer than 32 bytes' })
}
