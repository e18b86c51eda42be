/**
 * Every error AUREN raises, in one table: code → what is wrong and what to do. The page `docs/errors.md` lists the same
 * codes. Messages are constant; what varies (an option's name, a file) goes into `detail`, never a secret.
 */
export const errorMessages = {
  AUREN_OPTIONS_INVALID: 'An option is invalid. Correct the option that is named.',
  AUREN_PRICES_INVALID:
    'The file of prices cannot be used. Correct what is named; docs/cost.md shows its form. Prices are USD per million tokens.',
  AUREN_STREAM_URL_INVALID:
    'The stream URL is not understood. Use redis://host:port, rediss://host:port, kafka://host:port/topic or sqlite:path, as in redis://127.0.0.1:6379.',
  AUREN_KAFKA_CLIENT_MISSING:
    'Kafka needs a client that is not installed here. Run: npm install @platformatic/kafka (Node 22.22 or later).',
  AUREN_STREAM_CLOSED: 'The event stream is closed. Open a new one.',
  AUREN_STREAM_UNAVAILABLE: 'The event stream cannot be reached. Check that its server runs and that the URL is right.',
  AUREN_STREAM_REFUSED:
    'The server of the event stream refuses us. Check user, password and rights; agents ask again every minute at most.',
  AUREN_STREAM_FULL:
    'The event stream has no room. Give its server more memory or disk, or keep fewer events with ?maxlen=.',
  AUREN_STREAM_WRONG_TYPE:
    'The stream key or file holds something else. Choose another one with ?stream= or another path.',
  AUREN_STREAM_DIVIDED_OTHERWISE:
    'Somebody writes this stream in more keys than ?streams= says here, and would not be read. Give the highest number to all, or delete the keys that are left over.',
  AUREN_APPEND_FAILED: 'Some events could not be appended. Append the events in `failed` again.',
  AUREN_EVENT_TOO_LARGE:
    'An event is larger than the broker takes. Raise max.message.bytes of the topic, or capture less content.',
  AUREN_POSITION_LOST:
    'Events after this position were trimmed, or the stream was recreated. Continue from `firstAvailable`.',
  AUREN_POSITION_INVALID:
    'The position is not one of this stream. Start from the beginning or from a position it gave.',
  AUREN_GATEWAY_INSECURE:
    'A gateway without a key only listens on a loopback address. Set AUREN_JWT_SECRET, AUREN_JWT_PUBLIC_KEY or AUREN_JWKS_URL, or use --host 127.0.0.1.',
  AUREN_GATEWAY_KEY_INVALID:
    'The key for tokens is unusable. Use a secret of at least 32 bytes, or a PEM public key, or an https JWKS URL.',
  AUREN_REVOCATIONS_INVALID:
    'The list of revoked tokens cannot be used. Correct the file; docs/security.md shows its form.',
  AUREN_KEYS_UNAVAILABLE: 'The keys for tokens cannot be fetched now. Try again in some seconds.',
  AUREN_AUTH_FAILED: 'The token was refused. Ask for a new one.',
} as const

export type AurenErrorCode = keyof typeof errorMessages

/** An error with a code of {@link errorMessages}. `cause` keeps the error of the driver or library. */
export class AurenError extends Error {
  override readonly name: string = 'AurenError'
  readonly code: AurenErrorCode

  constructor(code: AurenErrorCode, options: ErrorOptions & { readonly detail?: string } = {}) {
    super(options.detail === undefined ? errorMessages[code] : `${errorMessages[code]} (${options.detail})`, options)
    this.code = code
  }
}
