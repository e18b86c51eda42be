import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Several processes, one after the other, on a busy machine. What is waited for in a test fails by its name, after 30 s.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Tests mostly wait for processes: a third worker uses what two leave of two cores.
    maxWorkers: 3,
  },
})
