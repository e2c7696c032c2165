// A measured line of the table, and what makes it good or bad.
import type { Page } from '@playwright/test'
import type { WrittenRuns } from '#lib/testing/long-run'
import type { Stage } from '#lib/testing/stage'

export interface Row {
  name: string
  value: string
  budget: string
  /** null: told, not judged. */
  isGood: boolean | null
}

export interface Measurement {
  /** For --only. */
  name: string
  /** What other work on the machine may spoil is measured once more when it breaks its budget. */
  isTimed: boolean
  measure(bench: Bench): Promise<Row[]>
}

export interface Bench {
  isQuick: boolean
  /** How many events the long run has. */
  events: number
  url: string
  stage: Stage
  runs: WrittenRuns
  /** A running run that nobody else feeds. */
  freshRun(): Promise<string>
  feed<T>(asked: Record<string, unknown>): Promise<T>
  /** With the probes in it. */
  newPage(): Promise<Page>
  /**
   * p95 of the frames of an empty page that scrolls and works for ten milliseconds in each, measured now, in ms. Without work it would
   * draw in time on the busiest machine, and tell nothing of it.
   */
  emptyFrame(): Promise<number>
}

export const atMost = (name: string, value: number, budget: number, unit: string, digits = 0): Row => ({
  name,
  value: `${value.toFixed(digits)} ${unit}`,
  budget: `≤ ${budget} ${unit}`,
  isGood: value <= budget,
})

/**
 * A frame is held to its milliseconds, or to as many times an empty page's frame as that is of a 60 Hz frame: a machine that cannot
 * draw an empty page in time says nothing about ours.
 */
export function frameRow(name: string, p95: number, budget: number, empty: number): Row {
  const ratio = p95 / empty
  return {
    name,
    value: `${p95.toFixed(1)} ms = ${ratio.toFixed(2)} × empty (${empty.toFixed(1)} ms)`,
    budget: `≤ ${budget} ms or ${(budget / FRAME_MS).toFixed(1)} ×`,
    isGood: p95 <= budget || ratio <= budget / FRAME_MS,
  }
}

const FRAME_MS = 1000 / 60

export function quantile(values: number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}

export const intervals = (times: number[]) => times.slice(1).map((time, i) => time - times[i]!)
