import { SignJWT } from 'jose'
import { AurenError } from '../errors.ts'
import { CommandError } from './command-error.ts'

export interface TokenArguments {
  readonly user: string
  readonly tenant?: string
  readonly permission: readonly string[]
  readonly agent: readonly string[]
  readonly ttl: string
}

/** Seconds of each unit a time to live may have. */
const units = { s: 1, m: 60, h: 3_600, d: 86_400 } as const

/** `auren token`: prints one token and nothing else, so that a shell can keep it in a variable. */
export async function runToken({ user, tenant, permission, agent, ttl }: TokenArguments): Promise<void> {
  const secret = signingKey()
  const claims = {
    user_id: user,
    permissions: permission,
    ...(tenant === undefined ? {} : { tenant_id: tenant }),
    ...(agent.length === 0 ? {} : { agents: agent }),
  }
  const { AUREN_JWT_ISSUER: issuer, AUREN_JWT_AUDIENCE: audience } = process.env
  const token = new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds(ttl))
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

function seconds(ttl: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(ttl)
  if (match?.[1] && Number(match[1]) > 0) return Number(match[1]) * units[match[2] as keyof typeof units]
  throw new AurenError('AUREN_OPTIONS_INVALID', { detail: '--ttl is a number and a unit: 15m, 1h, 30d' })
}
