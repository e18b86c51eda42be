/** The specific before the general: a span that is told of twice is what the first of these says. */
export const stepKinds = [
  'agent',
  'model',
  'tool',
  'memory',
  'knowledge',
  'biometric',
  'collaboration',
  'conversation',
  'hypothesis',
  'decision',
] as const
