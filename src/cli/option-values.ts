import { InvalidArgumentError } from 'commander'
import { isPermission, permissions } from '../protocol/permissions.ts'

/** Collects an option that may be given again. */
export const collect = (value: string, all: readonly string[]): string[] => [...all, value]

export function integer(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= least) return value
    throw new InvalidArgumentError(`It is to be a whole number from ${least}.`)
  }
}

export function dollars(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0) return value
  throw new InvalidArgumentError('It is to be an amount in US dollars, such as 0.01.')
}

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

function milliseconds(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? []
  return number === undefined ? undefined : Number(number) * units[unit as keyof typeof units]
}

/** A length of time in milliseconds. */
export function duration(text: string): number {
  const value = milliseconds(text)
  if (value !== undefined) return value
  throw new InvalidArgumentError('It is to be a number and a unit: 500ms, 2s, 10m, 1h.')
}

/** How long a token is valid, in milliseconds: it knows whole seconds. */
export function lifetime(text: string): number {
  const value = duration(text)
  if (value >= 1_000) return value
  throw new InvalidArgumentError('It is to be 1s or more.')
}

/** Collects what a token may do; a permission that no gateway knows would be one that is missing. */
export function permission(value: string, all: readonly string[]): string[] {
  if (isPermission(value)) return collect(value, all)
  throw new InvalidArgumentError(`It is one of ${permissions.join(', ')}.`)
}

/** A point in time, or how long ago it was, in milliseconds since the epoch. */
export function past(text: string): number {
  const time = /^\d{4}-/.test(text) ? Date.parse(text) : Date.now() - (milliseconds(text) ?? NaN)
  if (!Number.isNaN(time)) return time
  throw new InvalidArgumentError('It is to be a time such as 2026-11-21T10:00:00Z, or how long ago: 10m, 1h.')
}
