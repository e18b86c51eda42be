import { defineConfig } from 'vitest/config'

/** The tests of `npm run test:kafka`, which has fetched their broker. */
export default defineConfig({
  test: {
    include: ['test/kafka/*.kafka.ts'],
    globalSetup: ['test/support/global-setup.ts', 'test/kafka/global-setup.ts'],
    // On a machine that does other work, too, a broker takes half a minute to start.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    pool: 'forks',
    // Each file that does its broker harm has one of its own, with a virtual machine.
    maxWorkers: 1,
  },
})
