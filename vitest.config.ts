import { defineConfig } from 'vitest/config'

const exclude = [
  '**/node_modules/**',
  '**/dist/**',
  '**/.next/**',
  'lib/demo/project/**',
  'lib/testing/projects/**',
  'e2e/**',
]

/**
 * Servers, browsers and compilers share two cores here. In `npm test` what fails is tried once more; each test that held only
 * then is named at the end, and more than a few of them are a failure.
 */
const retry = process.env.CI ? 1 : 0

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{app,lib,scripts,tests}/**/*.test.{ts,tsx}'],
          exclude: [...exclude, '**/*.integration.test.ts'],
          retry,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['lib/**/*.integration.test.ts'],
          exclude: [...exclude, 'lib/goals/**', 'lib/cli/**'],
          retry,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'cli',
          include: ['lib/cli/**/*.integration.test.ts'],
          exclude,
          retry,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          // Real tools on real projects, and agents that cheat: much of it waits for compilers, so two files run at once.
          name: 'goals',
          include: ['lib/goals/**/*.integration.test.ts', 'tests/integrity/**/*.integration.test.ts'],
          exclude,
          retry,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: 'reliability',
          include: ['tests/**/*.integration.test.ts'],
          exclude: [...exclude, 'tests/integrity/**'],
          // A scenario is one test, and some wait for what takes long by its nature.
          retry,
          testTimeout: 600_000,
          // Says as it goes what it does.
          disableConsoleIntercept: true,
        },
      },
    ],
  },
})
