// Random numbers that come again with their seed.

export interface Random {
  /** 0…n-1. */
  below(n: number): number
  of<T>(list: readonly T[]): T
  shuffled<T>(list: readonly T[]): T[]
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  // mulberry32
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number) => Math.floor(next() * n)
  return {
    below,
    of: list => list[below(list.length)]!, // lists here have members
    shuffled(list) {
      const rest = [...list]
      return list.map(() => rest.splice(below(rest.length), 1)[0]!) // one is left each time
    },
  }
}
