import { defineConfig } from 'vitest/config'

/** The tests of `npm run test:examples`, with the packages it has installed. */
export default defineConfig({
  test: {
    include: ['test/examples/*.installed.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
