import { defineConfig } from 'vitest/config'

/** The tests of `npm run test:python`, in the environments it has made. */
export default defineConfig({
  test: {
    include: ['test/{python,conformance,e2e/crewai}/**/*.python.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // A crew takes half a minute to import on an idle machine of two cores, and much longer on a busy one.
    testTimeout: 360_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
