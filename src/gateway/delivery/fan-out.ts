import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FeedWindow } from '../feed/window.ts'
import { batchOf } from './batch.ts'
import type { Encoding } from './encoding.ts'
import type { Sink } from './sink.ts'
import type { View } from './view.ts'

/** One connection, as the fan-out knows it. */
export interface Member {
  readonly view: View
  readonly sink: Sink
  /** It is on its own again: its socket is full, or its group fell behind the window. */
  leftBehind(stay: Stay): void
  /** Goes on by itself as far as it can. */
  advance(): void
}

/** A place in the window, by number and by cursor. */
export interface Place {
  readonly next: number
  readonly cursor: string
}

/** Where a member stands, and what it was sent since it joined. */
export interface Stay extends Place {
  readonly events: number
}

/** Connections that see the same and stand at the same place: what one is sent, all are. */
interface Group {
  readonly view: View
  readonly encoding: Encoding
  readonly members: Map<Sink, Member>
  place: Place
  /** Events that were sent to each who was there from the beginning. */
  events: number
}

interface Membership {
  readonly group: Group
  /** `events` of the group when the member joined. */
  readonly since: number
}

/** Sends what is new to everybody who has caught up: one buffer a group, one write a socket and turn. */
export class FanOut {
  readonly #window: FeedWindow
  readonly #delivered: (events: number) => void
  readonly #groups = new Map<string, Group>()
  readonly #memberships = new Map<Member, Membership>()
  #waiting = new Set<Member>()

  /** `delivered` is told of events, each as often as it was sent. */
  constructor(window: FeedWindow, delivered: (events: number) => void) {
    this.#window = window
    this.#delivered = delivered
  }

  get groups(): number {
    return this.#groups.size
  }

  /** Adds a member to those who see the same, or has it wait for the next turn while these stand elsewhere. */
  join(member: Member, place: Place): boolean {
    const { view, sink } = member
    const key = keyOf(sink.encoding, view)
    const group = this.#groups.get(key) ?? { view, encoding: sink.encoding, members: new Map(), place, events: 0 }
    if (group.place.next !== place.next) {
      this.wait(member)
      return false
    }
    this.#groups.set(key, group)
    group.members.set(sink, member)
    this.#memberships.set(member, { group, since: group.events })
    return true
  }

  /** Has the member advance by itself at the next turn. */
  wait(member: Member): void {
    this.#waiting.add(member)
  }

  /** Takes a member out; its stay when it was in a group. */
  leave(member: Member): Stay | undefined {
    this.#waiting.delete(member)
    const membership = this.#memberships.get(member)
    if (membership === undefined) return undefined
    const { group } = membership
    this.#memberships.delete(member)
    group.members.delete(member.sink)
    if (group.members.size === 0) this.#groups.delete(keyOf(group.encoding, group.view))
    return stayOf(membership)
  }

  /** Undefined while it is on its own. */
  stayOf(member: Member): Stay | undefined {
    const membership = this.#memberships.get(member)
    return membership && stayOf(membership)
  }

  /** Brings everybody to the window's end who keeps up. Lets the loop breathe after each buffer. */
  async turn(): Promise<void> {
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const member of waiting) member.advance()
    for (;;) {
      let isBehind = false
      for (const group of this.#groups.values()) {
        if (group.place.next < this.#window.end) this.#send(group)
        isBehind ||= group.place.next < this.#window.end && group.members.size > 0
      }
      if (!isBehind) return
      await nextTurn()
    }
  }

  #send(group: Group): void {
    if (group.place.next < this.#window.start) return this.#leaveBehind(group)
    const batch = batchOf(this.#window.from(group.place.next), group)
    group.place = { next: group.place.next + batch.items, cursor: batch.cursor ?? group.place.cursor }
    if (batch.bytes.length === 0) return
    group.events += batch.events
    this.#delivered(batch.events * group.members.size)
    // Nearly all that a gateway does is done here: each step counts, and each object that is looked at.
    for (const sink of group.members.keys()) if (!sink.write(batch.bytes)) this.#leaveOne(group.members.get(sink))
  }

  /** Only when one page of the stream is larger than the window. */
  #leaveBehind(group: Group): void {
    for (const member of group.members.values()) {
      this.#leaveOne(member)
      member.advance()
    }
  }

  #leaveOne(member: Member | undefined): void {
    const stay = member && this.leave(member)
    if (stay) member.leftBehind(stay)
  }
}

function keyOf(encoding: Encoding, view: View): string {
  return `${encoding.name} ${view.key}`
}

function stayOf({ group, since }: Membership): Stay {
  return { ...group.place, events: group.events - since }
}
