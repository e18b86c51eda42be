import type { TestProject } from 'vitest/node'
import { startBroker } from './broker.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Addresses of the broker that all tests share which do it no harm. */
    kafka: { readonly address: string; readonly guarded: string }
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const broker = await startBroker()
  project.provide('kafka', { address: broker.address, guarded: broker.guarded })
  return () => broker.remove()
}
