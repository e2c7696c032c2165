// What is measured inside the page. Runs in the browser: it may use nothing from outside its own function.

export interface Frame {
  /** Start of the frame, and when it had been painted: ms on the page's clock. */
  at: number
  paintedAt: number
  /** Number of the newest fed call that is shown, 0 before the first. */
  tick: number
  /** Pixels between the end of the list and what is in sight. */
  fromEnd: number
  /** Nothing was drawn in a part of the list that is in sight. */
  isBlank: boolean
}

export interface Probes {
  /**
   * Notes every frame until `stop`. `px`: scrolls so far per frame, and turns round at the ends. `busyMs`: in each frame the work
   * that takes so long when nobody else wants the processor.
   */
  watch(options?: { px?: number; busyMs?: number }): void
  stop(): Frame[]
  /** The clock of the feeder, on this page's clock. */
  fromEpoch(ms: number): number
  /** Resolves with the time of the first painted frame in which this holds. */
  when(condition: () => boolean): Promise<number>
  scroller(): HTMLElement | null
  newestTick(): number
  interactions: Map<number, number>
  shifts: { value: number; at: number }[]
  lcp: number
}

export function installProbes() {
  const state = { frames: [] as Frame[], isWatching: false, px: 0, rounds: 0 }
  const work = (rounds: number) => {
    let sum = 0
    for (let i = 0; i < rounds; i++) sum += Math.sqrt(i)
    return sum
  }
  /** Rounds per millisecond, as in the best of many short tries. */
  const speed = () => {
    const rounds = 200_000
    const tries = Array.from({ length: 40 }, () => {
      const began = performance.now()
      work(rounds)
      return performance.now() - began
    })
    return rounds / Math.min(...tries.slice(10))
  }
  /** Runs after the frame that is being made has been painted. */
  const afterPaint = (work: () => void) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = work
    port2.postMessage(null)
  }
  const scroller = () => document.querySelector<HTMLElement>('section[aria-label="Events"], #empty-scroller')
  const newestTick = () => {
    const rows = document.querySelectorAll('section[aria-label="Events"] li')
    for (let i = rows.length - 1; i >= 0 && i >= rows.length - 6; i--) {
      const found = /tick (\d+) at/.exec(rows[i]?.textContent ?? '')
      if (found) return Number(found[1])
    }
    return 0
  }
  const isBlank = (element: HTMLElement) => {
    const rows = element.querySelectorAll('li')
    if (rows.length === 0) return element.id !== 'empty-scroller'
    const box = element.getBoundingClientRect()
    const first = rows[0]!.getBoundingClientRect()
    const last = rows[rows.length - 1]!.getBoundingClientRect()
    const isAtTop = element.scrollTop < 100
    const end = element.scrollHeight - element.scrollTop - element.clientHeight
    return (!isAtTop && first.top > box.top + 1) || (end > 2 && last.bottom < box.bottom - 1)
  }
  function frame(at: number) {
    if (!state.isWatching) return
    work(state.rounds)
    const element = scroller()
    const blank = element !== null && state.px !== 0 && isBlank(element)
    afterPaint(() => {
      state.frames.push({
        at,
        paintedAt: performance.now(),
        tick: state.px === 0 ? newestTick() : 0,
        fromEnd: element ? element.scrollHeight - element.scrollTop - element.clientHeight : 0,
        isBlank: blank,
      })
      if (!element || state.px === 0) return
      // Before the next frame, as a wheel does: the page hears of it at the frame's beginning.
      const before = element.scrollTop
      element.scrollTop += state.px
      if (element.scrollTop === before) state.px = -state.px
    })
    requestAnimationFrame(frame)
  }
  const probes: Probes = {
    watch({ px = 0, busyMs = 0 } = {}) {
      const rounds = busyMs === 0 ? 0 : busyMs * speed()
      Object.assign(state, { frames: [], isWatching: true, px, rounds })
      requestAnimationFrame(frame)
    },
    stop() {
      state.isWatching = false
      return state.frames
    },
    fromEpoch: ms => ms - performance.timeOrigin,
    when: condition =>
      new Promise((resolve, reject) => {
        const began = performance.now()
        const look = () => {
          if (condition()) afterPaint(() => resolve(performance.now()))
          else if (performance.now() - began > 120_000)
            reject(new Error(`not within two minutes: ${condition}`))
          else requestAnimationFrame(look)
        }
        requestAnimationFrame(look)
      }),
    scroller,
    newestTick,
    interactions: new Map(),
    shifts: [],
    lcp: 0,
  }
  const observe = (type: string, options: object, take: (entry: PerformanceEntry) => void) =>
    new PerformanceObserver(list => list.getEntries().forEach(take)).observe({
      type,
      buffered: true,
      ...options,
    })
  observe('largest-contentful-paint', {}, entry => {
    probes.lcp = entry.startTime
  })
  observe('layout-shift', {}, entry => {
    const { value, hadRecentInput } = entry as unknown as { value: number; hadRecentInput: boolean } // not in the DOM's types yet
    if (!hadRecentInput) probes.shifts.push({ value, at: entry.startTime })
  })
  observe('event', { durationThreshold: 16 }, entry => {
    const { interactionId } = entry as unknown as { interactionId?: number } // as above
    if (interactionId)
      probes.interactions.set(
        interactionId,
        Math.max(entry.duration, probes.interactions.get(interactionId) ?? 0),
      )
  })
  Object.assign(globalThis, { probes })
}

declare global {
  var probes: Probes
}
