import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

const EVERYTHING = ['src/**/*.test.ts', 'ui/src/**/*.test.ts', 'test/**/*.test.ts']

/** Files that put a program under load and measure it, or kill it in the middle. */
const UNDER_LOAD = [
  'test/chaos.test.ts',
  'test/chaosSabotage.test.ts',
  'test/faults.test.ts',
  'test/hostile.test.ts',
  'test/hostileSenders.test.ts',
  'test/survival.test.ts',
]

export default defineConfig({
  test: {
    globalSetup: ['test/harness/globalSetup.ts'],
    teardownTimeout: 30_000,
    projects: [
      // A crowded machine must not fail them: no more workers than the smallest machine of CI has cores.
      project('under load', { include: UNDER_LOAD, maxWorkers: 2, sequence: { groupOrder: 1 } }),
      // They wait more than they compute, so that two cores have enough to do only with three of them.
      project('tests', {
        include: EVERYTHING,
        exclude: UNDER_LOAD,
        maxWorkers: 3,
        sequence: { groupOrder: 2 },
      }),
    ],
  },
})

function project(name: string, test: TestProjectInlineConfiguration['test']): TestProjectInlineConfiguration {
  return {
    test: {
      name,
      setupFiles: ['test/harness/seedProperties.ts'],
      pool: 'forks',
      // The files of a worker share its modules: to import the program again for each costs more than most tests.
      isolate: false,
      testTimeout: 30_000,
      hookTimeout: 60_000,
      ...test,
    },
  }
}
