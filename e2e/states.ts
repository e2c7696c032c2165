// Every page in every state worth looking at: what axe and the pictures in docs/ go through.
import { expect, type Page } from '@playwright/test'
import type { Showroom } from './showroom.ts'

export interface State {
  /** Also the name of its picture. */
  name: string
  show(page: Page, runs: Showroom): Promise<void>
}

const live = (page: Page) => expect(page.getByText('Live', { exact: true })).toBeVisible()
const at =
  (address: (runs: Showroom) => string, ready?: (page: Page) => Promise<unknown>) =>
  async (page: Page, runs: Showroom) => {
    await page.goto(address(runs))
    await live(page)
    await ready?.(page)
  }
const gateOf = (page: Page) => page.getByRole('region', { name: /^Needs you: gate/ })
const settled = (page: Page) =>
  expect(page.getByRole('region', { name: 'Activity' }).getByRole('list').first()).toBeVisible()

/** Before there is any run. */
export const EMPTY = {
  name: 'runs-empty',
  async show(page: Page, origin: string) {
    await page.goto(`${origin}/runs`)
    await live(page)
    await expect(page.getByRole('heading', { name: 'No runs yet' })).toBeVisible()
  },
}

export const STATES: State[] = [
  { name: 'runs', show: at(() => '/runs') },
  {
    name: 'runs-selected',
    async show(page) {
      await page.goto('/runs?status=achieved')
      await live(page)
      for (const box of await page.getByRole('checkbox', { name: /^Select npm-test/ }).all())
        await box.click()
      await expect(page.getByText('2 selected')).toBeVisible()
    },
  },
  {
    name: 'runs-columns',
    async show(page) {
      await page.goto('/runs')
      await live(page)
      await page.getByRole('button', { name: /^Columns/ }).click()
      await expect(
        page
          .getByRole('checkbox', { name: 'Model' })
          .or(page.getByRole('menuitemcheckbox', { name: 'Model' })),
      ).toBeVisible()
    },
  },
  {
    name: 'runs-none-match',
    show: at(
      () => '/runs?q=no-such-word',
      page => expect(page.getByText(/No runs? match/).first()).toBeVisible(),
    ),
  },
  { name: 'needs-you', show: at(() => '/needs-you') },
  {
    name: 'new-run',
    show: at(
      () => '/runs/new',
      page => expect(page.getByText('found').first()).toBeVisible(),
    ),
  },
  {
    name: 'new-run-wrong',
    async show(page) {
      await page.goto('/runs/new?cwd=/no/such/folder')
      await live(page)
      await page.getByText('In my own words').click()
      await page.getByLabel('Iterations').fill('-5')
      await page.getByRole('button', { name: /^Start run/ }).click()
      await expect(page.locator('[aria-invalid=true]').first()).toBeVisible()
    },
  },
  {
    name: 'gate',
    show: at(
      ({ gate }) => `/runs/${gate}`,
      page => expect(gateOf(page).getByText('discount.test.mjs').first()).toBeVisible(),
    ),
  },
  {
    name: 'gate-abort',
    async show(page, { gate }) {
      await page.goto(`/runs/${gate}`)
      await live(page)
      await gateOf(page).getByRole('button', { name: 'Abort' }).click()
      await expect(gateOf(page).getByRole('button', { name: 'Cancel' })).toBeVisible()
    },
  },
  {
    name: 'gate-undo',
    async show(page, { gate }) {
      await page.goto(`/runs/${gate}`)
      await live(page)
      await gateOf(page).getByRole('button', { name: 'Undo this iteration' }).click()
      await expect(gateOf(page).getByRole('button', { name: 'Undo and go on' })).toBeVisible()
    },
  },
  {
    name: 'gate-command',
    show: at(
      ({ asking }) => `/runs/${asking}`,
      page => expect(page.getByText('git push --force').first()).toBeVisible(),
    ),
  },
  { name: 'run-live', show: at(({ live }) => `/runs/${live}`, settled) },
  { name: 'run-achieved', show: at(({ achieved }) => `/runs/${achieved}`, settled) },
  { name: 'run-event', show: at(({ achieved }) => `/runs/${achieved}?ev=20`, settled) },
  { name: 'run-all-events', show: at(({ achieved }) => `/runs/${achieved}?view=all`, settled) },
  {
    name: 'run-inspector',
    show: at(
      ({ achieved }) => `/runs/${achieved}?ev=20&inspect=1`,
      page => expect(page.getByRole('tab', { name: 'Raw JSON' })).toBeVisible(),
    ),
  },
  { name: 'run-iteration', show: at(({ another }) => `/runs/${another}?iter=1`, settled) },
  { name: 'run-changes', show: at(({ achieved }) => `/runs/${achieved}?tab=changes`) },
  {
    name: 'run-review',
    async show(page, { achieved }) {
      await page.goto(`/runs/${achieved}?tab=changes`)
      await live(page)
      await expect(page.getByRole('row').first()).toBeVisible()
      await page.keyboard.press('u')
      await page.keyboard.press('j')
      await expect(page.getByRole('button', { name: 'Comment on this line' })).toBeVisible()
      await page.keyboard.press('c')
      await expect(page.getByRole('textbox', { name: /^Comment on this line/ })).toBeVisible()
    },
  },
  { name: 'run-checks', show: at(({ achieved }) => `/runs/${achieved}?tab=checks`) },
  { name: 'run-usage', show: at(({ achieved }) => `/runs/${achieved}?tab=usage`) },
  { name: 'run-config', show: at(({ achieved }) => `/runs/${achieved}?tab=config`) },
  { name: 'run-exhausted', show: at(({ exhausted }) => `/runs/${exhausted}`, settled) },
  {
    name: 'run-extend',
    async show(page, { exhausted }) {
      await page.goto(`/runs/${exhausted}`)
      await live(page)
      await page.getByRole('button', { name: 'Extend' }).click()
      await expect(page.getByRole('textbox', { name: /^Iterations/ })).toBeVisible()
    },
  },
  { name: 'run-failed', show: at(({ failed }) => `/runs/${failed}`, settled) },
  { name: 'run-aborted', show: at(({ aborted }) => `/runs/${aborted}`, settled) },
  {
    name: 'run-paused',
    show: at(
      ({ paused }) => `/runs/${paused}`,
      page => expect(page.getByRole('region', { name: 'Paused' })).toBeVisible(),
    ),
  },
  {
    name: 'run-queued',
    show: at(
      ({ queued }) => `/runs/${queued}`,
      page => expect(page.getByRole('main')).toContainText('in line'),
    ),
  },
  {
    name: 'run-not-found',
    async show(page) {
      await page.goto('/runs/00000000-0000-4000-8000-000000000000')
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    },
  },
  { name: 'compare', show: at(({ achieved, exhausted }) => `/compare?a=${achieved}&b=${exhausted}`) },
  { name: 'compare-pick', show: at(() => '/compare') },
  { name: 'health', show: at(() => '/health') },
  { name: 'settings', show: at(() => '/settings') },
  {
    name: 'api',
    async show(page) {
      await page.goto('/docs/api')
      // The whole of it takes axe seconds; what is found looks like the rest.
      await page.getByRole('searchbox', { name: 'Search the reference' }).fill('gate')
      await expect(page.getByRole('heading', { name: 'resumeRun' })).toBeVisible()
      await expect(page.getByRole('heading', { name: 'startRun' })).toBeHidden()
    },
  },
  {
    name: 'palette',
    async show(page) {
      await page.goto('/runs')
      await live(page)
      await page.keyboard.press('Control+k')
      await expect(page.getByRole('option').first()).toBeVisible()
    },
  },
  {
    name: 'keys',
    async show(page) {
      await page.goto('/runs')
      await live(page)
      await page.keyboard.press('?')
      await expect(page.getByRole('dialog')).toBeVisible()
    },
  },
]
