import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { kafkaSettings } from '../../src/streams/kafka-settings.ts'
import { temporaryFolder } from '../support/processes.ts'

const of = (url: string, options = {}) => kafkaSettings(url, options)

describe('the URL of a Kafka stream', () => {
  it('names brokers and topic, and stands for itself without credentials and options', () => {
    const { name, topic, connection } = of(
      'kafka://ann:s3cret@one:9092,two:9093,[::1]:9094/team.events?compression=zstd',
    )
    expect({ name, topic }).toEqual({ name: 'kafka://one:9092,two:9093,[::1]:9094/team.events', topic: 'team.events' })
    expect(connection.bootstrapBrokers).toEqual(['one:9092', 'two:9093', '[::1]:9094'])
  })

  it('means the topic auren-events, of three partitions and seven days, unless it says otherwise', () => {
    for (const url of ['kafka://broker:9092', 'kafka://broker:9092/']) {
      expect(of(url)).toMatchObject({
        name: 'kafka://broker:9092/auren-events',
        compression: 'none',
        creation: { partitions: 3, replication: -1, retentionMs: 604_800_000 },
      })
    }
    expect(of('kafka://b/t?partitions=12&replication=3&retention=36h&compression=gzip')).toMatchObject({
      compression: 'gzip',
      creation: { partitions: 12, replication: 3, retentionMs: 129_600_000 },
    })
  })

  it('gives an append 30 s, unless an agent would wait for it when it ends', () => {
    expect(of('kafka://b')).toMatchObject({ appendMs: 30_000, answerMs: 5_000 })
    expect(of('kafka://b', { holdsProcess: false })).toMatchObject({ appendMs: 5_000, answerMs: 5_000 })
    expect(of('kafka://b', { timeoutMs: 700 })).toMatchObject({ appendMs: 700, answerMs: 700 })
  })

  it('holds user and password, decoded, and how they are shown to the broker', () => {
    const password = 'p@ss:wörd/%'
    const login = `${encodeURIComponent('ann@team')}:${encodeURIComponent(password)}`
    expect(of(`kafka://${login}@b`).connection.sasl).toEqual({ mechanism: 'PLAIN', username: 'ann@team', password })
    expect(of(`kafka://${login}@b?sasl=SCRAM-SHA-512`).connection.sasl?.mechanism).toBe('SCRAM-SHA-512')
    expect(of('kafka://b').connection.sasl).toBeUndefined()
  })

  it('turns TLS on, with the authorities of a file', () => {
    const ca = join(temporaryFolder(), 'ca.pem')
    writeFileSync(ca, 'a certificate')
    expect(of('kafka://broker:9093?tls=true').connection).toMatchObject({ tls: {}, tlsServerName: true })
    expect(of(`kafka://127.0.0.1:9093?ca=${ca}`).connection).toMatchObject({
      tls: { ca: 'a certificate' },
      tlsServerName: false,
    })
    expect(of('kafka://b').connection.tls).toBeUndefined()
  })

  it.each([
    'kafka:b',
    'kafka://',
    'kafka:///topic',
    'kafka://b:port/t',
    'kafka://b,,c/t',
    'kafka://u:s3cret@b/a/b',
    'kafka://u:s3cret@b/top ic',
    'kafka://u:s3cret%@b/t',
    'kafka://u:s3cret@b/t?partitions=0',
    'kafka://u:s3cret@b/t?retention=7',
    'kafka://u:s3cret@b/t?compression=best',
    'kafka://u:s3cret@b/t?sasl=gssapi',
    'kafka://u:s3cret@b/t?tls=maybe',
    'kafka://u:s3cret@b/t?ca=/no/such/file',
    'kafka://u:s3cret@b/t?maxlen=5',
  ])('is refused as %s, and never repeated', (url) => {
    let message = ''
    try {
      of(url)
    } catch (error) {
      expect(error).toMatchObject({ code: 'AUREN_STREAM_URL_INVALID' })
      message = (error as Error).message
    }
    expect(message).toContain('(')
    expect(message).not.toContain('s3cret')
  })
})
