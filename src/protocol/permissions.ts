/** What a token's claim `permissions` may name: seeing every event of the tenant, sending OTLP, reading what is about all tenants. */
export const permissions = ['all', 'ingest', 'metrics'] as const

export type Permission = (typeof permissions)[number]

export function isPermission(name: string): name is Permission {
  return (permissions as readonly string[]).includes(name)
}
