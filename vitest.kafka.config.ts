import { defineConfig } from 'vitest/config'

/** The tests of `npm run test:kafka`, which has fetched their broker. */
export default defineConfig({
  test: {
    include: ['test/kafka/*.kafka.ts'],
    globalSetup: ['test/support/global-setup.ts', 'test/kafka/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Each file that does its broker harm has one of its own, with a virtual machine.
    maxWorkers: 1,
  },
})
