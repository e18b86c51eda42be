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
  /** Events that it was sent so far. */
  eventsSent: number
  /** It is on its own again, from this place: its socket is full, or its group fell behind the window. */
  leftBehind(place: Place): void
  /** Goes on by itself as far as it can. */
  advance(): void
}

/** A place in the window, by number and by cursor. */
export interface Place {
  readonly next: number
  readonly cursor: string
}

/** Connections that see the same and stand at the same place: what one is sent, all are. */
interface Group {
  readonly view: View
  readonly encoding: Encoding
  readonly members: Set<Member>
  place: Place
}

/** Sends what is new to everybody who has caught up: one buffer a group, one write a socket and turn. */
export class FanOut {
  readonly #window: FeedWindow
  readonly #delivered: (events: number) => void
  readonly #groups = new Map<string, Group>()
  readonly #memberships = new Map<Member, string>()
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
    const key = `${member.sink.encoding.name} ${member.view.key}`
    const { view } = member
    const group = this.#groups.get(key) ?? { view, encoding: member.sink.encoding, members: new Set(), place }
    if (group.place.next !== place.next) {
      this.wait(member)
      return false
    }
    this.#groups.set(key, group)
    group.members.add(member)
    this.#memberships.set(member, key)
    return true
  }

  /** Has the member advance by itself at the next turn. */
  wait(member: Member): void {
    this.#waiting.add(member)
  }

  /** Takes a member out; its place when it was in a group. */
  leave(member: Member): Place | undefined {
    this.#waiting.delete(member)
    const place = this.placeOf(member)
    if (place) this.#remove(member)
    return place
  }

  placeOf(member: Member): Place | undefined {
    return this.#groups.get(this.#memberships.get(member) ?? '')?.place
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
    this.#delivered(batch.events * group.members.size)
    // Nearly all that a gateway does is done here: each step counts.
    for (const member of group.members) {
      member.sink.write(batch.bytes)
      member.eventsSent += batch.events
      if (!member.sink.isBlocked) continue
      this.#remove(member)
      member.leftBehind(group.place)
    }
  }

  /** Only when one page of the stream is larger than the window. */
  #leaveBehind(group: Group): void {
    for (const member of group.members) {
      this.#remove(member)
      member.leftBehind(group.place)
      member.advance()
    }
  }

  #remove(member: Member): void {
    const key = this.#memberships.get(member) ?? ''
    const group = this.#groups.get(key)
    this.#memberships.delete(member)
    group?.members.delete(member)
    if (group?.members.size === 0) this.#groups.delete(key)
  }
}
