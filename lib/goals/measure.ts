// What goals that measure time have in common: the median, and how a time reads.
import type { Measurement } from './goal.ts'

/** Of an even number of samples the mean of the middle two. NaN of none. */
export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** `0.42 ms`, `812 ms`, `12.3 s`: as exact as the verdict is, so that a value above its target never reads like it. */
export function shownMs(ms: number): string {
  if (ms >= 10_000) return `${Number((ms / 1000).toFixed(2))} s`
  return `${Number(ms.toFixed(ms < 10 ? 3 : ms < 100 ? 1 : 0))} ms`
}

/** Three digits behind the point are more than any clock here is good for. */
export const rounded = (ms: number) => Number(ms.toFixed(3))

export function timeMeasured(
  samples: readonly number[],
  { target, first }: { target: number; first: Measurement | null | undefined },
): Measurement {
  return {
    name: samples.length === 1 ? 'one run' : `median of ${samples.length} runs`,
    value: rounded(median(samples)),
    unit: 'ms',
    target: rounded(target),
    better: 'lower',
    baseline: first?.value ?? null,
    samples: samples.map(rounded),
  }
}
