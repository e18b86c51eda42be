import { describe, expect, it } from 'vitest'
import { isSecretName, maskSecrets } from '../../src/translate/secrets.ts'

// In pieces, so that no scanner takes this file for a leak.
const key = (start: string, rest = 'Ab3dEf9hIjKlMn0pQrStUvWx') => `${start}${rest}`

describe('what leaves the process', () => {
  it.each<readonly [string, string]>([
    ...[
      'sk-',
      'sk-ant-api03-',
      'sk_live_',
      'ghp_',
      'github_pat_',
      'glpat-',
      'gsk_',
      'hf_',
      'xai-',
      'xoxb-',
      'AIza',
    ].map((start) => [`my key is ${key(start)}`, 'my key is [key]'] as const),
    [`id ${key('AKIA', 'IOSFODNN7EXAMPLE')} here`, 'id [key] here'],
    [`Authorization: Bearer ${key('')}`, 'Authorization: Bearer [token]'],
    ['authorization=Basic dXNlcjpwYXNzd29yZA==', 'authorization=Basic [token]'],
    [`jwt ${key('eyJ')}.${key('eyJ')}.${key('x')}`, 'jwt [token]'],
    ['postgres://ann:hunter2@db.example:5432/lab', 'postgres://[credentials]@db.example:5432/lab'],
    ['rediss://:p@ss:word@cache.example', 'rediss://[credentials]@cache.example'],
    ['Server=db;Password=hunter2;Database=lab', 'Server=db;Password=[secret];Database=lab'],
    ['OPENAI_API_KEY="hunter2hunter2" npm start', 'OPENAI_API_KEY="[secret]" npm start'],
    ['{"client_secret": "hunter2"}', '{"client_secret": "[secret]"}'],
    ['-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4\nMII=\n-----END RSA PRIVATE KEY-----.', '[private key].'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl and the rest was cut', '[private key]'],
    ['card 4111 1111 1111 1111, 378282246310005.', 'card [card], [card].'],
    ['mail ann.lee+lab@sub.example.org!', 'mail [email]!'],
    ['call +49 (151) 234-56789 or (555) 123-4567 or 555-123-4567', 'call [phone] or [phone] or [phone]'],
  ])('is %j as %j', (text, masked) => {
    expect(maskSecrets(text)).toBe(masked)
  })

  it.each([
    'gpt-5-mini-2025-08-07',
    'call_Ab3dEf9hIjKlMn0pQrStUvWx',
    'chatcmpl-9dK2jskdf0293jkdlskd',
    '4bf92f3577b34da6a3ce929d0e0e4736',
    '6f0f3a0c-5a8d-5c0e-9a1f-4b7e2d9c8a31',
    '2026-11-21T04:30:00.123+00:00',
    'at 1763712000123456789 ns, 1763712000123 ms',
    '4111 1111 1111 1112 fails the check digit',
    'risk-management-plan-2024, task-force-140-members',
    'input_tokens: 1200, output_tokens=300, max_token_count 5',
    'https://example.org/@ann/readings?limit=10',
    'HRV 61.5 ms, 120-130-140 bpm, 10.0.0.1:6379, v1.2.3',
  ])('is %j unchanged', (text) => {
    expect(maskSecrets(text)).toBe(text)
  })

  it('knows a secret by the name of its key', () => {
    for (const name of [
      'password',
      'db_password',
      'apiKey',
      'openaiApiKey',
      'api-key',
      'Authorization',
      'access_token',
    ])
      expect(isSecretName(name)).toBe(true)
    for (const name of ['input_tokens', 'tokens_used', 'key', 'primaryKey', 'author', 'secretary', 'model'])
      expect(isSecretName(name)).toBe(false)
  })

  /**
   * Texts made to have a pattern start everywhere and end nowhere. At the size to which texts are cut before they are masked,
   * one that takes quadratic time needs minutes for these.
   */
  it.each([
    ' ', 'a', '1', '1 ', 'a@', 'a.', 'a@a.', 'eyJ-', 'eyJaaaaaaaa.', 'sk-', 'sk_a', '-----BEGIN PRIVATE KEY-----', '://', '://a',
    'token', 'token=', 'token ', 'bearer ', 'basic a', '+1', '(123) ', '123-',
  ])('takes time in proportion to a long text of %j', (piece) => {
    const text = piece.repeat(Math.ceil(500_000 / piece.length))
    expect(maskSecrets(text).length).toBeGreaterThan(0)
  }) // prettier-ignore
})
