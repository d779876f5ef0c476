import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'ui/src/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['test/harness/seedProperties.ts'],
    globalSetup: ['test/harness/globalSetup.ts'],
    pool: 'forks',
    // Tests that kill processes and watch leases measure time: a crowded machine must not fail them.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    teardownTimeout: 30_000,
  },
})
