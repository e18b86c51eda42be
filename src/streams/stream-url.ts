import { AurenError } from '../errors.ts'

/** `scheme://[user[:password]@]host[:port][,…][/path][?…]`. WHATWG's URL knows only one host. */
export interface StreamUrl {
  readonly scheme: string
  /** Empty when there is none. */
  readonly user: string
  readonly password: string | undefined
  /** Each with its port, if it has one. */
  readonly hosts: readonly string[]
  readonly path: string
  readonly query: string
}

const pattern = /^([a-z+]+):\/\/(?:([^@/?#]*)@)?([^@/?#]+)(?:\/([^/?#]*))?(?:\?([^#]*))?$/

/** Throws AUREN_STREAM_URL_INVALID, which names the example and never repeats the URL. */
export function parseStreamUrl(url: string, example: string): StreamUrl {
  const [matched, scheme = '', login = '', hosts = '', path = '', query = ''] = pattern.exec(url) ?? []
  if (matched === undefined) throw invalidUrl(`it is to be like ${example}`)
  const [user = '', ...password] = login.split(':')
  return {
    scheme,
    user: decodePart(user),
    password: password.length === 0 ? undefined : decodePart(password.join(':')),
    hosts: hosts.split(','),
    path,
    query,
  }
}

export function decodePart(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalidUrl('a % in it stands for itself; write it as %25')
  }
}

/** The detail says what is wrong in it, without a word of it. */
export function invalidUrl(detail: string): AurenError {
  return new AurenError('AUREN_STREAM_URL_INVALID', { detail })
}
