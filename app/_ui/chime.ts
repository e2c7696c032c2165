/** Two short tones, made here: nothing is loaded. Browsers keep silent until the page was touched once. */
export function chime(): void {
  const context = new AudioContext()
  for (const [at, pitch] of [
    [0, 660],
    [0.14, 880],
  ] as const) {
    const tone = context.createOscillator()
    const volume = context.createGain()
    const from = context.currentTime + at
    tone.frequency.value = pitch
    volume.gain.setValueAtTime(0.0001, from)
    volume.gain.exponentialRampToValueAtTime(0.12, from + 0.02)
    volume.gain.exponentialRampToValueAtTime(0.0001, from + 0.13)
    tone.connect(volume).connect(context.destination)
    tone.start(from)
    tone.stop(from + 0.14)
  }
  setTimeout(() => void context.close(), 1000)
}
