import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openStream } from '../../../src/streams/open-stream.ts'
import { anEvent } from '../../support/events.ts'
import { aGateway } from '../../support/gateway.ts'
import { root } from '../../support/processes.ts'
import { startRedis } from '../../support/redis-server.ts'
import { signIn } from '../../support/ws-client.ts'

/** The rights that docs/security.md gives each user. */
function rightsOf(user: string): string[] {
  const line = new RegExp(`^ACL SETUSER ${user} (.*)$`, 'm').exec(readFileSync(join(root, 'docs/security.md'), 'utf8'))
  return line?.[1]?.replace('>…', '>pw').split(' ') ?? []
}

describe('the rights in Redis that the docs name', () => {
  it('are enough for agents and gateways, and allow neither anything else', async () => {
    const redis = await startRedis()
    for (const user of ['agents', 'gateway']) await redis.client.call('ACL', 'SETUSER', user, ...rightsOf(user))
    const urlOf = (user: string) => redis.url.replace('//', `//${user}:pw@`)
    const agent = await openStream(urlOf('agents'))
    await agent.append([anEvent({ event_id: 'before' })])
    const { url } = await aGateway({ stream: urlOf('gateway') })
    const client = await signIn(url)
    await agent.append([anEvent({ event_id: 'one' })])
    await client.next('stream_event')
    client.send({ type: 'get_recent' })
    expect(await client.next('recent_events')).toMatchObject({ count: 2 })
    await agent.close()
    for (const user of ['agents', 'gateway']) {
      expect(await redis.client.call('ACL', 'DRYRUN', user, 'DEL', 'auren:events')).toMatch(/no permissions/)
      expect(await redis.client.call('ACL', 'DRYRUN', user, 'GET', 'other')).toMatch(/no permissions/)
    }
  })
})
