import { defineConfig } from 'vitest/config'

/** The test of `npm run test:collector`, with the Collector it has built. */
export default defineConfig({
  test: {
    include: ['test/e2e/collector/*.collector.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
  },
})
