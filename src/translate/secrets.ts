import { remembered } from './remembered.ts'

/** How keys of services begin: OpenAI, Anthropic, Stripe, GitHub, GitLab, Groq, Hugging Face, npm, xAI, Slack, Google, … */
const keyStart =
  '(?:(?:sk|pk|rk)[-_]|gh[pousr]_|github_pat_|glpat-|gsk_|hf_|npm_|xai-|pplx-|tvly-|pcsk_|r8_|xox[abeoprs]-|xapp-|ya29\\.|SG\\.|shpat_|dop_v1_|lin_api_|AIza|A(?:KIA|SIA|BIA|CCA)[A-Z0-9]{16})'
const keyInRun = new RegExp(`(?<![A-Za-z0-9])${keyStart}`)
const jsonWebToken = /^eyJ[\w-]{8,}\.[\w-]{8,}/

/** Characters of a key and its start, at least. */
const shortestKey = 19

/** Names whose value is a secret, in `name=value`, `name: value` and as keys of objects. */
const secretName =
  '(?:pass(?:word|wd|phrase)|pwd|secret|token|credentials?|cookie|authorization|(?:api|access|account|private|secret|shared|signing)[-_]?key)'

interface Secret {
  /** What a text that holds the secret must have; it is quicker to look for than the secret. */
  readonly hint: RegExp
  readonly pattern: RegExp
  readonly by: string | ((found: string) => string)
}

const phoneOrCard = /\d(?:[ .()-]{0,2}\d){8}/

/**
 * What never leaves the process, and what stands in its place. Each takes time in proportion to the text: where it may start
 * is fixed by what stands before it, and whatever repeats before something else is bounded.
 */
const secrets: readonly Secret[] = [
  {
    hint: /PRIVATE KEY/,
    pattern:
      /-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
    by: '[private key]',
  },
  { hint: /:\/\//, pattern: /:\/\/[^\s/?#"'<>]{1,256}@/g, by: '://[credentials]@' },
  { hint: new RegExp(`${keyStart}|eyJ`), pattern: /[\w.-]{19,}/g, by: maskKey },
  {
    hint: /bearer|basic/i,
    pattern: /(?<![A-Za-z])(bearer|basic(?=\s{1,3}[\w.~+/-]{0,80}[\d=]))\s{1,3}[\w.~+/-]{16,}={0,2}/gi,
    by: '$1 [token]',
  },
  {
    hint: /[:=]/,
    pattern: new RegExp(
      `(?<![A-Za-z])(${secretName}["']?\\s{0,3}[=:]\\s{0,3}["']?)(?!bearer |basic )[^\\s"',;&\\[\\]{}()]{6,}`,
      'gi',
    ),
    by: '$1[secret]',
  },
  {
    hint: /@/,
    pattern: /(?<![\w.%+-])[\w.%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}/g,
    by: '[email]',
  },
  { hint: phoneOrCard, pattern: /(?<![\w.+-])\d(?:[ -]?\d){12,18}(?![\w-])/g, by: maskCard },
  { hint: phoneOrCard, pattern: /(?<![\w.+-])\+\d{1,3}(?:[ ().-]{0,2}\d){7,12}(?!\d)/g, by: '[phone]' },
  { hint: phoneOrCard, pattern: /(?<![\w.+-])(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[.-]\d{4}(?![\w-])/g, by: '[phone]' },
]

/** The text without credentials, card numbers, e-mail addresses and phone numbers. */
export function maskSecrets(text: string): string {
  let masked = text
  for (const { hint, pattern, by } of secrets) if (hint.test(masked)) masked = masked.replace(pattern, by as string)
  return masked
}

const isSecret = new RegExp(`(?:^|[^A-Za-z])${secretName}$`, 'i')
const isSecretInCamelCase = /[a-z](?:Password|Secret|Token|ApiKey|AccessKey|PrivateKey|Credentials)$/

/** Whether the value of a key of this name is a secret whatever it looks like: `db_password`, `apiKey`, `Authorization`. */
export const isSecretName = remembered((key: string) => isSecret.test(key) || isSecretInCamelCase.test(key))

/** A long run of letters and digits that is a key, or ends in one: words with the same start have no digit and are short. */
function maskKey(run: string): string {
  if (jsonWebToken.test(run)) return '[token]'
  const at = run.search(keyInRun)
  const key = at < 0 ? '' : run.slice(at)
  return key.length >= shortestKey && /\d|[A-Za-z]{16}/.test(key) ? `${run.slice(0, at)}[key]` : run
}

/** Issuer and length of Visa, Mastercard, American Express, Diners, Discover and JCB: other long numbers are times and ids. */
const issuers =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d)\d{12}|35\d{14})$/

function maskCard(text: string): string {
  const digits = text.replace(/\D/g, '')
  return issuers.test(digits) && passesLuhn(digits) ? '[card]' : text
}

/** The check digit of ISO/IEC 7812-1. */
function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits[digits.length - 1 - i])
    const doubled = i % 2 === 0 ? digit : digit * 2
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}
