import { defineConfig } from 'vitest/config'

/** The tests of `npm run test:prometheus3`: those that need Prometheus, with the one it has built, and those that need version 3. */
export default defineConfig({
  test: {
    include: ['test/prometheus/*.{test,prometheus3}.ts', 'test/grafana/live-boards.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
