import { readFileSync, statSync } from 'node:fs'
import Type from 'typebox'
import type { Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { AurenError } from '../../errors.ts'
import type { Principal } from '../principal.ts'

/** The file of revoked tokens: single ones by `jti`, and those of a user, all or issued before a time. */
const RevocationFile = Type.Object(
  {
    tokens: Type.Optional(Type.Array(Type.String({ description: 'jti' }))),
    users: Type.Optional(
      Type.Array(
        Type.Object(
          {
            user_id: Type.String(),
            tenant_id: Type.Optional(Type.Union([Type.String(), Type.Null()])),
            before: Type.Optional(Type.Number({ description: 'seconds since the epoch, compared with iat' })),
          },
          { additionalProperties: false },
        ),
      ),
    ),
  },
  { additionalProperties: false },
)
type RevocationFile = Static<typeof RevocationFile>

const revocationFile = Compile(RevocationFile)

/** Tokens that are no longer good although they have not expired, from a file that may change while the gateway runs. */
export class Revocations {
  readonly #path: string
  #stamp = ''
  readonly #tokens = new Set<string>()
  /** By tenant and user: tokens issued before this time, seconds since the epoch, are revoked. */
  readonly #users = new Map<string, number>()

  /** Throws AUREN_REVOCATIONS_INVALID when the file cannot be used. */
  constructor(path: string) {
    this.#path = path
    this.reload()
  }

  /** Whether the file had changed. Throws AUREN_REVOCATIONS_INVALID, and then what held before still holds. */
  reload(): boolean {
    try {
      const { mtimeMs, size, ino } = statSync(this.#path)
      const stamp = [mtimeMs, size, ino].join()
      if (stamp === this.#stamp) return false
      this.#take(JSON.parse(readFileSync(this.#path, 'utf8')))
      this.#stamp = stamp
      return true
    } catch (cause) {
      throw new AurenError('AUREN_REVOCATIONS_INVALID', { cause })
    }
  }

  /** A token that does not say when it was issued may be older than any time. */
  has({ tenantId, userId, token }: Principal): boolean {
    if (token?.id != null && this.#tokens.has(token.id)) return true
    const before = this.#users.get(keyOf(tenantId, userId))
    return before !== undefined && (token?.issuedAt ?? 0) < before
  }

  #take(content: unknown): void {
    if (!revocationFile.Check(content)) throw new Error('it is not of the form that docs/security.md gives')
    const { tokens = [], users = [] } = content satisfies RevocationFile
    this.#tokens.clear()
    this.#users.clear()
    for (const token of tokens) this.#tokens.add(token)
    for (const { tenant_id: tenantId = null, user_id: userId, before = Infinity } of users) {
      const key = keyOf(tenantId, userId)
      this.#users.set(key, Math.max(before, this.#users.get(key) ?? 0))
    }
  }
}

function keyOf(tenantId: string | null, userId: string): string {
  return JSON.stringify([tenantId, userId])
}
